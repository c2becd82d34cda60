"""Every look of the check, well and not."""

import os

import pytest
from django.db.migrations.recorder import MigrationRecorder

from crashdesk.errors import StorageError
from crashdesk.server.administration import start_on
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import Event
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.intake.queue import IntakeWriter
from crashdesk.server.issues.models import Issue
from crashdesk.server.operations import check
from crashdesk.server.operations.check.looks import LOOKS
from crashdesk.server.outcomes.services import RECEIVED, Counted, count
from crashdesk.server.projects.models import Project
from support.intakes import new_intake
from support.rows import NOON, an_event, an_issue


@pytest.fixture(autouse=True)
def _here(data, settings):
    settings.CRASHDESK_DATA = data


def found(data, look: str, *, is_deep: bool = False) -> list[check.Finding]:
    return [finding for finding in check.run(data, lambda _: None, is_deep=is_deep) if finding.name == look]


def severities(data, look: str, **more) -> list[str]:
    return [finding.severity for finding in found(data, look, **more)]


def project_id() -> int:
    return Project.objects.get().pk


@pytest.fixture
def older(monkeypatch):
    """Let a migration of this version not be applied."""
    applied = MigrationRecorder.applied_migrations

    def without_newest(recorder):
        return {key: row for key, row in applied(recorder).items() if key[0] != "symbols"}

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", without_newest)


def test_tables_of_an_older_version_are_all_that_is_said(data, older):
    findings = list(check.run(data, lambda _: None, is_deep=False))
    assert [(finding.name, finding.severity) for finding in findings] == [("schema", "error")]
    assert "server migrate --data" in findings[0].advice


def test_other_commands_refuse_tables_of_an_older_version_in_a_sentence(data, older):
    with pytest.raises(StorageError, match=r"of an older Crashdesk: start the server, or run crashdesk server migrate"):
        start_on(data)


def test_a_fresh_server_is_well(data):
    assert {finding.severity for finding in check.run(data, lambda _: None, is_deep=True)} <= {"ok", "note"}


def test_every_look_is_announced_and_answers(data):
    said = []
    names = {finding.name for finding in check.run(data, said.append, is_deep=False)}
    assert [text.removeprefix("looking at ") for text in said] == list(LOOKS)
    assert names | {"references", "database"} == set(LOOKS)


def test_a_body_that_cannot_be_read_is_an_error(data):
    reference = blobs().append([Record(Owner(Kind.EVENT, project_id(), 1), b"{}" * 50)])[0]
    an_event(project_id(), body=reference)
    assert severities(data, "references") == ["ok"]
    blobs().erase([reference])
    (finding,) = found(data, "references")
    assert (finding.severity, "1 of them cannot be" in finding.what) == ("error", True)


def test_a_damaged_intake_is_an_error_that_says_what_to_do(data):
    IntakeWriter.open(data / "intake.sqlite").close()
    content = bytearray((data / "intake.sqlite").read_bytes())
    content[4096:4196] = b"\xff" * 100
    (data / "intake.sqlite").write_bytes(content)
    finding = found(data, "database")[-1]
    assert (finding.severity, finding.advice.startswith("Stop the server")) == ("error", True)


def test_a_file_that_others_may_read_is_an_error(data):
    (data / "server.json").chmod(0o644)
    (finding,) = found(data, "permissions")
    assert finding.severity == "error"
    assert "server.json" in finding.what


def test_a_difference_in_the_account_is_an_error_that_names_the_category(data):
    count(
        [Counted(project_id(), NOON, "error", RECEIVED, quantity=2), Counted(project_id(), NOON, "error", "accepted")]
    )
    (finding,) = found(data, "account")
    assert (finding.severity, "fieldbook, error: 1 of 2 received" in finding.what) == ("error", True)


def test_an_issue_that_counts_wrong_is_an_error(data):
    an_issue(project_id())
    assert severities(data, "counters") == ["ok"]
    Issue.objects.update(event_count=5)
    (finding,) = found(data, "counters")
    assert "FIELDBOOK-1 says 5, its hours 1".casefold() in finding.what.casefold()


def test_a_report_that_waits_for_long_is_an_error(data):
    writer = IntakeWriter.open(data / "intake.sqlite")
    writer.append([new_intake(b"x")])
    writer.close()
    assert severities(data, "processing") == ["error"]


def test_large_bodies_that_nobody_names_are_noted(data):
    IntakeWriter.open(data / "intake.sqlite").close()
    (data / "incoming").mkdir(mode=0o700)
    descriptor = os.open(data / "incoming" / f"{'0' * 32}.body", os.O_CREAT | os.O_WRONLY, 0o600)
    os.close(descriptor)
    (finding,) = found(data, "stray files")
    assert (finding.severity, finding.what.startswith("1 large bodies")) == ("note", True)


def test_what_cannot_be_looked_at_is_an_error_and_the_rest_is_looked_at(data, monkeypatch):
    def fails(_name, _around):
        raise OSError("no such thing")
        yield

    monkeypatch.setitem(LOOKS, "disk", fails)
    assert found(data, "disk")[0].what == "This could not be looked at: no such thing"
    assert found(data, "clock")


def test_events_from_the_future_tell_of_a_wrong_clock(data):
    an_event(project_id(), id=2**62)
    assert severities(data, "clock") == ["warning"]
    assert Event.objects.exists()


def test_missing_notes_of_the_supervisor_mean_that_nothing_runs(data):
    assert severities(data, "parts") == ["note"]


def test_a_part_that_is_not_ready_is_an_error(data, noted):
    noted("web", state="waiting", pid=None, restarts=7)
    (finding,) = found(data, "parts")
    assert (finding.severity, finding.what) == ("error", "web is waiting, started again 7 times")
