from datetime import timedelta

import pytest

from crashdesk import clock
from crashdesk.server.events import bodies, ids
from crashdesk.server.events.models import FailedReport, KeptItem
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.outcomes.services import RECEIVED, Counted, count
from crashdesk.server.sessions import services
from crashdesk.server.sessions.states import Group, Origin
from support.rows import NOON

SESSIONS, STATS = "/api/0/organizations/main/sessions/", "/api/0/organizations/main/stats_v2/"
PROJECT = "/api/0/projects/main/fieldbook/"
DAY = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}


@pytest.fixture
def runs(desk):
    """Ten runs of one release, of which one crashed, and two of another."""
    origin = Origin(NOON, "app@1", "live", "")
    groups = [Group(origin, {"total": 10, "crashed": 1, "errored": 2})]
    groups.append(Group(Origin(NOON, "app@2", "beta", ""), {"total": 2}))
    services.record(desk.project.pk, [], groups, NOON)


def asked(desk, found, **query):
    return found(desk.viewer.get(SESSIONS, {**DAY, "interval": "1d", "field": "sum(session)", **query}))


@pytest.mark.parametrize("address", [SESSIONS, STATS, f"{PROJECT}stats/"])
@pytest.mark.parametrize("year", ["9999", "0001"])
def test_moments_at_the_end_of_all_time_are_refused(desk, found, address, year):
    ends = {"start": f"{year}-12-31T23:00:00", "end": f"{year}-12-31T23:59:59", "interval": "1w"}
    found(desk.viewer.get(address, {**ends, "field": "sum(session)" if address == SESSIONS else "sum(quantity)"}), 400)


def test_runs_are_summed_with_their_rates(desk, runs, found):
    fields = ["sum(session)", "crash_rate(session)", "crash_free_rate(session)"]
    answer = asked(desk, found, field=fields, query='release:"app@1"')
    [group] = answer["groups"]
    assert group["by"] == {}
    assert group["totals"] == pytest.approx(dict(zip(fields, (10, 0.1, 0.9), strict=True)))
    assert answer["intervals"] == [answer["start"]] == ["2026-03-02T00:00:00.000000Z"]
    assert group["series"]["sum(session)"] == [10]


def test_runs_are_grouped_by_what_is_asked_for(desk, runs, found):
    groups = asked(desk, found, groupBy=["release", "environment", "project"])["groups"]
    assert [(row["by"], row["totals"]["sum(session)"]) for row in groups] == [
        ({"release": "app@1", "environment": "live", "project": desk.project.pk}, 10),
        ({"release": "app@2", "environment": "beta", "project": desk.project.pk}, 2),
    ]
    [beta] = asked(desk, found, groupBy="release", environment="beta")["groups"]
    assert beta["by"] == {"release": "app@2"}


def test_each_status_has_its_share_and_a_rate_has_none(desk, runs, found):
    fields = ["sum(session)", "crash_free_rate(session)"]
    groups = asked(desk, found, field=fields, groupBy="session.status", query="release:app@1")["groups"]
    sums = {row["by"]["session.status"]: row["totals"]["sum(session)"] for row in groups}
    assert sums == {"healthy": 7, "errored": 2, "crashed": 1, "abnormal": 0}
    assert {row["totals"]["crash_free_rate(session)"] for row in groups} == {None}


def test_without_runs_a_rate_is_null(desk, found):
    [group] = asked(desk, found, field=["sum(session)", "crash_free_rate(user)"])["groups"]
    assert group["totals"] == {"sum(session)": 0, "crash_free_rate(user)": None}


def test_within_a_day_nobody_knows_who_was_who(desk, runs, found):
    [group] = asked(desk, found, interval="6h", field="count_unique(user)")["groups"]
    assert group["series"] == {"count_unique(user)": [None] * 4}


@pytest.mark.parametrize(
    "query",
    [
        {"field": "p95(duration)"}, {"field": ""}, {"groupBy": "colour"}, {"query": "is:open"}, {"query": "!release:1"},
        {"start": "x"}, {"start": "2026-03-04T00:00:00Z"}, {"interval": "soon"}, {"start": "2023-01-01"},
        {"statsPeriod": "9999w", "start": "", "end": ""},
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_a_400(desk, found, query):
    answer = desk.viewer.get(SESSIONS, {**DAY, "field": "sum(session)", **query})
    assert found(answer, 400)["detail"]


def counted(desk):
    came = [Counted(desk.project.pk, NOON, "error", RECEIVED, quantity=5)]
    became = [("accepted", "", 3), ("filtered", "policy", 1), ("rate_limited", "key_rate", 1)]
    count(came + [Counted(desk.project.pk, NOON, "error", outcome, why, number) for outcome, why, number in became])


def test_the_account_of_a_project_adds_up(desk, found):
    counted(desk)
    account = found(desk.viewer.get(f"{PROJECT}account/"))
    [errors] = account["categories"]
    assert errors["dropped"] == {"policy": 1, "key_rate": 1}
    assert {name: account[name] for name in ("received", "stored", "dropped", "waiting", "difference")} == {
        "received": 5, "stored": 3, "dropped": 2, "waiting": 0, "difference": 0,
    }  # fmt: skip
    assert found(desk.viewer.get(f"{PROJECT}account/", {"statsPeriod": "1h"}))["received"] == 0


def test_what_came_is_told_hour_by_hour(desk, found):
    counted(desk)
    rows = found(desk.viewer.get(f"{PROJECT}stats/", {**DAY, "interval": "12h"}))
    midnight = int(NOON.replace(hour=0, minute=0).timestamp())
    assert rows == [[midnight, 0], [midnight + 43200, 5]]
    assert found(desk.viewer.get(f"{PROJECT}stats/", {**DAY, "stat": "rejected", "interval": "1d"})) == [[midnight, 1]]
    found(desk.viewer.get(f"{PROJECT}stats/", {"stat": "colour"}), 400)


def test_outcomes_are_told_by_what_is_asked_for(desk, found):
    counted(desk)
    query = {**DAY, "interval": "1d", "field": "sum(quantity)"}
    groups = found(desk.viewer.get(STATS, {**query, "groupBy": "outcome"}))["groups"]
    sums = {row["by"]["outcome"]: row["totals"]["sum(quantity)"] for row in groups}
    assert sums == {"received": 5, "accepted": 3, "filtered": 1, "rate_limited": 1}
    [whole] = found(desk.viewer.get(STATS, query))["groups"]
    assert (whole["by"], whole["series"]) == ({}, {"sum(quantity)": [5]})
    assert found(desk.viewer.get(STATS, {**DAY, "category": "session", "groupBy": "category"}))["groups"] == []
    found(desk.viewer.get(STATS, {"groupBy": "colour"}), 400)


def test_what_failed_and_what_is_kept_is_listed_and_given(desk, found):
    FailedReport.objects.create(project_id=desk.project.pk, id=1, received_at=NOON, reason="RecursionError", blob="")
    blob = _stored(desk.project.pk, b"{}")
    KeptItem.objects.create(
        project_id=desk.project.pk, id=2, item_type="security", received_at=NOON, size_bytes=2, blob=blob
    )
    [failed] = found(desk.viewer.get(f"{PROJECT}failed-reports/"))
    assert (failed["reason"], failed["envelopeId"]) == ("RecursionError", None)
    [kept] = found(desk.viewer.get(f"{PROJECT}kept-items/"))
    assert (kept["type"], kept["size"]) == ("security", 2)
    assert found(desk.viewer.get(f"{PROJECT}kept-items/2/")) == kept
    assert desk.viewer.get(f"{PROJECT}kept-items/2/", {"download": 1}).getvalue() == b"{}"
    found(desk.viewer.get(f"{PROJECT}kept-items/3/"), 404)


def post(desk, body):
    return desk.developer.post(f"{PROJECT}user-feedback/", body, content_type="application/json")


def test_words_that_come_by_the_api_are_linked_and_kept_once(desk, found):
    body = {"event_id": str(desk.event.event_id), "name": "Anna", "email": "a@x.example", "comments": "It broke"}
    first = found(post(desk, body))
    assert (first["comments"], first["issue"]) == ("It broke", {"id": str(desk.issue.id)})
    assert found(post(desk, body))["id"] == first["id"]
    assert found(desk.viewer.get(f"{PROJECT}user-feedback/")) == [first]
    found(post(desk, {"comments": ""}), 400)
    found(post(desk, {**body, "event_id": "x"}), 400)


def test_a_figure_of_today_is_in_the_usual_period(desk, found):
    count([Counted(desk.project.pk, clock.now() - timedelta(minutes=1), "error", RECEIVED)])
    assert sum(number for _, number in found(desk.viewer.get(f"{PROJECT}stats/"))) == 1


def _stored(project_id, content):
    return bodies.blobs().put([content], Owner(Kind.KEPT, project_id, ids.new_id(NOON)))
