import json

import pytest

from crashdesk.cli.main import main
from support.outboxes import new_report, open_outbox


@pytest.fixture
def directory(tmp_path):
    outbox = open_outbox(tmp_path / "outbox")
    outbox.put(new_report("a" * 32, title="ValueError: \x1b[31mred"))
    outbox.close()
    return tmp_path / "outbox"


def test_the_list_is_json_for_programs(directory, capsys):
    assert main(["outbox", "list", "--data", str(directory), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["event_id"], row["state"]) == ("a" * 32, "ready")


def test_the_list_for_people_shows_no_control_characters(directory, capsys):
    assert main(["outbox", "list", "--data", str(directory)]) == 0
    out = capsys.readouterr().out
    assert "ready" in out
    assert "1 report in" in out
    assert "\x1b" not in out


def test_the_balance_agrees_or_the_status_says_so(directory, capsys):
    assert main(["outbox", "balance", "--data", str(directory), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agrees"] is True
    outbox = open_outbox(directory)
    outbox.database.write(lambda connection: connection.execute("DELETE FROM reports"))
    assert main(["outbox", "balance", "--data", str(directory)]) == 1
    assert "1 reports are missing" in capsys.readouterr().out


def test_repair_of_a_whole_outbox_changes_nothing(directory, capsys):
    assert main(["outbox", "repair", "--data", str(directory)]) == 0
    assert "The outbox is whole." in capsys.readouterr().out


def test_a_folder_without_an_outbox_is_told_apart(tmp_path, capsys):
    assert main(["outbox", "list", "--data", str(tmp_path / "none")]) == 2
    assert "There is no outbox" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
