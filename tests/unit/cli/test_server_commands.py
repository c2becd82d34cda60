"""The commands below ``crashdesk server``: complete help, results as JSON or words, questions before what is final."""

import argparse
import io
import json
from pathlib import Path

import pytest
from django.db import OperationalError, ProgrammingError

from crashdesk import settings
from crashdesk.cli import server
from crashdesk.cli.main import main
from crashdesk.cli.server import running, shape
from crashdesk.errors import StorageError, UsageError


def commands(parser: argparse.ArgumentParser, words: str = "") -> dict[str, argparse.ArgumentParser]:
    """Every command by its words, those for the server's own use left out."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            listed = {choice.dest for choice in action._choices_actions}
            for name, below in action.choices.items():
                deeper = commands(below, f"{words} {name}") if name in listed else {}
                found |= deeper or ({f"{words} {name}".strip(): below} if name in listed else {})
    return found


def all_commands() -> dict[str, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog="crashdesk server")
    server.configure(parser)
    return commands(parser)


@pytest.fixture(autouse=True)
def _settings_at_start(monkeypatch):
    for name, fresh in (("_of_process", {}), ("_of_file", {}), ("_file", None)):
        monkeypatch.setattr(settings, name, fresh)


@pytest.mark.parametrize("words", all_commands())
def test_every_command_has_help_an_example_and_a_directory(words):
    text = all_commands()[words].format_help()
    assert f"example: crashdesk server {words}" in text
    assert "--data DIR" in text
    assert all(action.help for action in all_commands()[words]._actions)


@pytest.mark.parametrize("words", [words for words in all_commands() if words != "run"])
def test_every_command_but_run_prints_json_when_asked(words):
    assert "--json" in all_commands()[words].format_help()


def test_every_setting_of_the_server_is_a_flag_of_run():
    options = {option for action in all_commands()["run"]._actions for option in action.option_strings}
    assert {setting.flag for setting in settings.SETTINGS if setting.is_of_server} <= options
    assert "--outbox-days" not in options


def shown(capsys, *arguments: str) -> dict[str, dict]:
    assert main(["server", "settings", "--json", *arguments]) == 0
    return {row["setting"]: row for row in json.loads(capsys.readouterr().out)}


def test_settings_are_shown_with_their_source(capsys, monkeypatch, tmp_path):
    (tmp_path / "server.toml").write_text("port = 9000\n")
    monkeypatch.setenv("CRASHDESK_HOST", "::1")
    rows = shown(capsys, "--data", str(tmp_path))
    assert (rows["port"]["value"], rows["port"]["source"]) == ("9000", str(tmp_path / "server.toml"))
    assert (rows["host"]["value"], rows["host"]["source"]) == ("::1", "CRASHDESK_HOST")
    assert (rows["quotas"]["value"], rows["quotas"]["source"]) == ("on", "default")


def test_passwords_and_secrets_are_not_shown(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("CRASHDESK_DATABASE", "postgresql://desk:hunter2@db.example.org/desk?password=hunter2")
    monkeypatch.setenv("CRASHDESK_METRICS_TOKEN", "hunter2")
    rows = shown(capsys, "--data", str(tmp_path))
    assert rows["database"]["value"] == "postgresql://desk:***@db.example.org/desk"
    assert rows["metrics_token"]["value"] == "(set)"


def test_a_mistake_in_the_file_is_one_sentence_and_a_status(capsys, tmp_path):
    (tmp_path / "server.toml").write_text("prot = 9000\n")
    assert main(["server", "settings", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("names a setting prot that does not exist: did you mean port.\n")


@pytest.mark.parametrize("setting", running.OF_SERVER, ids=lambda setting: setting.name)
def test_a_default_can_be_written_back(setting):
    if setting.default not in (None, {}):
        assert setting.parse(running._written(setting.default)) == setting.default


def test_rows_are_a_table_for_people(capsys):
    shape.show_rows(
        [{"id": 1, "label": "a", "on": True}, {"id": 22, "label": "", "on": False}], as_json=False, nothing=""
    )
    assert capsys.readouterr().out == "id  label  on\n1   a      yes\n22  -      no\n"


def test_nothing_is_said_when_there_is_none(capsys):
    shape.show_rows([], as_json=False, nothing="No keys.")
    shape.show_rows([], as_json=True, nothing="No keys.")
    assert capsys.readouterr().out == "No keys.\n[]\n"


def test_hostile_names_are_written_out(capsys):
    shape.show({"label": "a\x1b[31m\nb"}, as_json=False)
    assert capsys.readouterr().out == "label: a\\x1b[31m\\nb\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_final_is_asked(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("yes\nno\n"))
    shape.confirm("All is erased.", is_certain=False)
    with pytest.raises(UsageError, match=r"Nothing was changed\."):
        shape.confirm("All is erased.", is_certain=False)
    assert capsys.readouterr().err.startswith("All is erased. Write yes to go on: ")


def test_where_nobody_can_answer_yes_must_be_said(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(UsageError, match="repeat the command with --yes"):
        shape.confirm("All is erased.", is_certain=False)
    shape.confirm("All is erased.", is_certain=True)


def test_what_to_delete_must_be_said(capsys, tmp_path):
    assert main(["server", "delete", "--data", str(tmp_path)]) == 2
    assert "--person WHO, --project P, or both" in capsys.readouterr().err


def test_a_change_of_what_is_kept_has_a_name_and_a_number(capsys, tmp_path):
    assert main(["server", "project", "retention", "days", "--project", "p", "--data", str(tmp_path)]) == 2
    assert "write it like events_days=30" in capsys.readouterr().err


def test_a_password_comes_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long one\nnext\n"))
    assert shape.password_of(Path("-")) == "a long one"


def test_a_database_that_is_away_is_one_sentence():
    def run_server(_args):
        raise OperationalError('connection to server at "db" failed: Connection refused\n\tIs the server running?')

    with pytest.raises(StorageError, match=r"^The database cannot be used \(Connection refused\): mend that, or wait"):
        server.run(argparse.Namespace(run_server=run_server))


def test_a_fault_of_a_command_keeps_its_traceback():
    def run_server(_args):
        raise ProgrammingError("syntax error")

    with pytest.raises(ProgrammingError):
        server.run(argparse.Namespace(run_server=run_server))
