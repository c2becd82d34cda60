from typing import Any

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.server.events.models import FailedReport
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor.preparing import prepare
from crashdesk.server.sessions import queries as sessions
from crashdesk.server.sessions.queries import Range
from support.drafts import RECEIVED_AT
from support.events import event
from support.reports import a_row, an_envelope, event_item
from support.samples import sample

ATTRS = {"release": "fieldbook@2.4.0", "environment": "production"}


def session(sid="a" * 32, status="ok", **more: Any) -> Item:
    told = {"sid": sid, "status": status, "started": "2026-03-02T12:00:00Z", "attrs": ATTRS, **more}
    return Item.from_json("session", told)


def groups(*entries: dict[str, Any]) -> Item:
    return Item.from_json("sessions", {"aggregates": list(entries), "attrs": ATTRS})


def total(intake):
    day = RECEIVED_AT.replace(hour=0, minute=0)
    found = sessions.series(Range([intake.project_id], day, day.replace(hour=23)))
    return found[0] if found else None


def account(intake):
    return {row.category: row for row in outcomes.account([intake.project_id])}


def test_updates_of_one_run_in_several_envelopes_are_one_run(intake):
    intake.process(an_envelope(session(init=True, seq=0)), an_envelope(session(seq=1, errors=1)))
    intake.process(an_envelope(session(status="crashed", seq=2, did="anna")))
    found = total(intake)
    assert (found.runs.total, found.runs.crashed, found.users.total, found.users.crash_free) == (1, 1, 1, 0.0)
    assert (account(intake)["session"].stored, account(intake)["session"].difference) == (3, 0)


def test_a_crash_and_its_session_in_one_envelope_are_independent(intake):
    intake.process(an_envelope(session(status="crashed"), event_item(event())))
    assert (Issue.objects.count(), total(intake).runs.crashed) == (1, 1)


def test_sessions_make_no_issues(intake):
    intake.process(an_envelope(session(status="crashed"), groups({"started": "2026-03-02T12:00:00Z", "crashed": 3})))
    assert (Issue.objects.count(), total(intake).runs.crashed) == (0, 4)


def test_one_envelope_brings_a_bounded_number_of_groups(intake):
    item = groups(*[{"started": "2026-03-02T12:00:00Z", "did": f"user {number}"} for number in range(90)])
    prepared = prepare(a_row(an_envelope(*[item] * 20)))
    assert len(prepared.groups) < 600
    assert [row.reason for row in prepared.once].count("too_many") == 14


def test_added_up_runs_of_a_repeated_envelope_count_once(intake):
    envelope = an_envelope(groups({"started": "2026-03-02T12:00:00Z", "exited": 5, "errored": 2}))
    intake.process(envelope, envelope)
    intake.process(envelope)
    assert (total(intake).runs.total, total(intake).runs.healthy) == (7, 5)
    assert account(intake)["session"].dropped == {"duplicate": 2}


@pytest.mark.parametrize("beginning", ["06", "07", "08", "09"])
def test_sessions_of_real_clients_are_counted(intake, beginning):
    found = sample(beginning)
    intake.process(found.body, encoding=found.facts["content_encoding"] or "")
    assert account(intake)["session"].stored >= 1
    assert account(intake)["session"].difference == 0


def test_a_hundred_sessions_of_an_envelope_are_counted_and_the_rest_are_invalid():
    prepared = prepare(a_row(an_envelope(*[session(f"{number:032x}") for number in range(103)])))
    assert len(prepared.runs) == 100
    assert [entry.reason for entry in prepared.once] == ["too_many"] * 3


def test_a_hundred_groups_of_an_item_are_counted_and_the_rest_came_in_vain():
    entry = {"started": "2026-03-02T12:00:00Z", "exited": 1}
    prepared = prepare(a_row(an_envelope(groups(*[entry] * 130))))
    assert len(prepared.groups) == 100
    assert [(one.reason, one.quantity) for one in prepared.once] == [("", 1), ("too_many", 30)]
    assert sum(one.quantity for one in prepared.counted) == 31


def test_a_run_on_a_device_with_a_wrong_clock_falls_into_the_right_hour():
    envelope = an_envelope(session(started="2026-03-01T12:00:00Z"), sent_at="2026-03-01T12:30:00Z")
    (run,) = prepare(a_row(envelope)).runs
    assert run.origin.started_at.isoformat() == "2026-03-02T12:00:00+00:00"


def test_the_user_of_a_run_is_the_user_of_its_events():
    envelope = an_envelope(session(did="anna"), event_item(event(user={"id": "anna"})))
    prepared = prepare(a_row(envelope))
    assert prepared.runs[0].origin.user_digest == prepared.drafts[0].user_digest != ""


@pytest.mark.parametrize("odd", [{}, {"sid": None}, {"sid": []}])
def test_an_update_that_names_no_run_is_invalid(odd):
    (entry,) = prepare(a_row(an_envelope(Item.from_json("session", odd)))).once
    assert (entry.category, entry.reason) == ("session", "not_readable")


def test_an_update_that_is_no_json_is_kept_as_it_came(intake):
    intake.process(an_envelope(Item({"type": "session"}, b"nonsense")))
    assert FailedReport.objects.get().seen == "session=1"
    assert account(intake)["session"].dropped == {"not_readable": 1}


def test_hostile_values_of_a_run_fit_into_their_columns(intake):
    item = session(
        "x\0y" * 500, did="ü\ud800", seq=2**90, errors=2**80, attrs={"release": "r\0" * 999, "environment": 7}
    )
    intake.process(an_envelope(item), an_envelope(groups({"started": 0, "exited": 10**30})))
    assert account(intake)["session"].difference == 0
