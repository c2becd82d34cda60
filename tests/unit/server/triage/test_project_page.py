from datetime import timedelta

import pytest

from crashdesk import clock
from crashdesk.protocol.items import CATEGORIES
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events import policies
from crashdesk.server.outcomes import services as outcomes
from crashdesk.server.outcomes.services import RECEIVED, Counted
from crashdesk.server.projects import services
from crashdesk.server.sessions import services as sessions
from crashdesk.server.sessions.queries import Runs
from crashdesk.server.sessions.states import Group, Origin
from crashdesk.server.triage import health, words

PAGE = "/projects/fieldbook/"


def counted(desk, quantity, outcome=RECEIVED, reason="", category="error"):
    outcomes.count([Counted(desk.project.pk, clock.now(), category, outcome, reason, quantity)])


def runs(desk, age=timedelta(hours=1), release="shop@1", user="", **counts):
    at = clock.now() - age
    sessions.record(desk.project.pk, [], [Group(Origin(at, release, "live", user), counts)], clock.now())


def account(desk):
    return health.account(desk.project.pk, clock.now())


def test_a_project_tells_what_it_received_and_why_some_is_not_there(desk, text):
    counted(desk, 7)
    counted(desk, 4, Outcome.ACCEPTED)
    counted(desk, 3, Outcome.INVALID, "not_readable")
    counted(desk, 9, Outcome.CLIENT_DISCARD, "queue_overflow")
    page = text(desk.viewer.get(PAGE))
    assert "Errors, crashes, messages" in page
    assert "The payload is not JSON." in page
    assert "More reports waited than the outbox keeps." in page
    (row,) = account(desk).rows
    assert (row.received, row.stored, row.dropped_in_all, row.difference) == (7, 4, 3, 0)
    assert [(loss.quantity, loss.where) for loss in account(desk).losses] == [(9, "never sent"), (3, "dropped here")]


def test_while_nobody_can_count_what_waits_the_page_says_so_and_no_false_alarm(desk, text, settings, tmp_path):
    settings.CRASHDESK_DATA = tmp_path / "nothing-there"
    counted(desk, 7)
    page = text(desk.viewer.get(PAGE))
    assert "What waits cannot be counted at the moment." in page
    assert "told nowhere" not in page


def test_a_project_without_reports_and_runs_says_what_to_do(desk, text):
    page = text(desk.viewer.get(PAGE))
    assert "Nothing came in the last 14 days." in page
    assert "SDKs report runs when a release is set" in page


def test_releases_tell_their_share_without_a_crash_for_a_day_and_for_two_weeks(desk):
    runs(desk, total=9, user="ann")
    runs(desk, total=1, crashed=1, user="bob")
    runs(desk, timedelta(days=5), total=10, crashed=5)
    runs(desk, timedelta(days=5), release="shop@0", total=1)
    runs(desk, timedelta(days=20), release="shop@0", total=7)
    (first, old), more = health.releases(desk.project.pk, clock.now())
    assert (first.day.runs, first.day.free_runs, first.day.free_users) == (10, "90.0 %", "50.0 %")
    assert (first.long.runs, first.long.free_runs) == (20, "70.0 %")
    assert (old.day.runs, old.day.free_runs, old.long.free_runs, old.long.free_users) == (
        0,
        words.NOTHING,
        "100 %",
        words.NOTHING,
    )
    assert more == ""


@pytest.mark.parametrize(("total", "crashed", "shown"), [(10_000, 1, "99.9 %"), (3, 3, "0.0 %"), (3, 0, "100 %")])
def test_one_crash_of_many_is_never_rounded_away(total, crashed, shown):
    assert health.share_without(Runs(total=total, crashed=crashed)) == shown


def test_a_project_tells_what_is_kept_and_what_may_be_sent(desk, text):
    policies.set_policy(desk.project.pk, {"events_days": 31, "bodies_per_issue": 5})
    services.keep_items(desk.project, ["transaction"])
    services.set_quota(desk.project, "error", 3600, 1000)
    services.protect_from_spikes(desk.project, is_on=False)
    page = text(desk.viewer.get(PAGE))
    assert "for 31 days" in page
    assert "of at most 5 events" in page
    assert "<dt>Kept by choice</dt><dd>transaction</dd>" in page
    assert "Errors, crashes, messages: at most 1\u202f000 in 60 min" in page
    assert "a sudden flood is let in" in page


def test_what_clients_write_is_shown_as_text(desk, text):
    counted(desk, 1, Outcome.CLIENT_DISCARD, "<b>reason", "<i>kind")
    page = text(desk.viewer.get(PAGE))
    assert "&lt;b&gt;reason" in page
    assert "<i>kind" not in page


def test_a_stranger_finds_no_such_project(desk):
    assert desk.stranger.get(PAGE).status_code == 404


def test_every_category_has_a_word():
    assert set(CATEGORIES) <= set(words.CATEGORIES)
