"""What the doctor says about a machine."""

import json

import pytest

from crashdesk.cli import doctor
from crashdesk.cli.main import main


def test_json_holds_every_finding_and_a_verdict(capsys):
    status = main(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    names = [check["name"] for check in answer["checks"]]
    assert names[:4] == ["Python", "SQLite", "PySide6", "Display"]
    assert answer["ok"] is (status == 0)


def test_text_ends_with_the_verdict(capsys):
    main(["doctor"])
    assert capsys.readouterr().out.splitlines()[-1].startswith("Crashdesk ")


def test_an_error_makes_the_status_one(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Check("Qt", doctor.ERROR, "6.12", "Do this.")])
    assert main(["doctor"]) == 1
    assert "Do this." in capsys.readouterr().out


def test_an_old_sqlite_is_a_warning_that_says_what_to_install():
    check = doctor.check_sqlite("sqlite3", (3, 40, 1))
    assert check.state == doctor.WARNING
    assert "pip install pysqlite3" in check.advice


def test_a_mended_sqlite_is_well():
    assert doctor.check_sqlite("pysqlite3", (3, 51, 3)).state == doctor.OK


@pytest.mark.parametrize(
    ("found", "python", "state"),
    [
        ("6.12.0", (3, 11), doctor.ERROR),
        ("6.12.0", (3, 12), doctor.OK),
        ("6.11.3", (3, 11), doctor.OK),
        (None, (3, 11), doctor.NOTE),
    ],
)
def test_qt_is_judged_together_with_python(found, python, state):
    assert doctor.check_qt(found, python).state == state


def test_no_display_advises_the_headless_agent():
    assert "--headless" in doctor.check_display("linux", lambda name: None).advice


def test_a_display_is_named():
    assert doctor.check_display("linux", {"DISPLAY": ":1"}.get).found == "DISPLAY=:1"


def test_a_missing_extra_names_its_libraries_and_the_line_to_run():
    check = doctor.check_extra("server", ["django"])
    assert check.found == "without django"
    assert "crashdesk[server]" in check.advice


@pytest.mark.parametrize(
    ("found", "failure", "state"),
    [("3.3.9", "", doctor.OK), (None, "", doctor.NOTE), ("3.3.9", "no pq wrapper available", doctor.ERROR)],
)
def test_postgresql_needs_a_driver_that_can_be_loaded(found, failure, state):
    check = doctor.check_postgres(found, failure)
    assert check.state == state
    assert ("crashdesk[postgres]" in check.advice) == (state != doctor.OK)


def test_an_object_store_needs_its_library():
    assert doctor.check_object_store("0.12.1").state == doctor.OK
    assert "crashdesk[server]" in doctor.check_object_store(None).advice
