"""Who sees what: the most frequent real flaw of such products, so each address is tried by each kind of person."""

import pytest
from django.urls import reverse

from crashdesk.server.accounts.roles import ROLES
from support import people
from support.stored import a_failed_report, a_stored_file, stored_words


@pytest.fixture
def addresses(desk):
    """Every address below which something of the project lies."""
    file = a_stored_file(desk.project.pk, desk.event.event_id)
    report = a_failed_report(desk.project.pk)
    event = f"{desk.address}events/{desk.event.event_id.hex}/"
    return [
        desk.address,
        f"{desk.address}events/",
        event,
        f"{event}json/",
        f"/events/{desk.event.event_id.hex}/",
        reverse("attachment", args=["fieldbook", file.id]),
        reverse("failed_raw", args=["fieldbook", report.id]),
    ]


PAGES = ("/issues/", "/feedback/", "/failed/", "/projects/", "/help/")


def test_a_viewer_reads_everything_of_the_project(desk, addresses):
    for address in addresses:
        assert desk.viewer.get(address, follow=True).status_code == 200, address


def test_a_stranger_finds_nothing_and_it_looks_like_nothing(desk, addresses):
    missing = desk.stranger.get("/issues/NOWHERE-1/")
    for address in addresses:
        answer = desk.stranger.get(address)
        assert answer.status_code == 404, address
        assert answer.content == missing.content, address


def test_a_stranger_sees_none_of_it_in_lists(desk, addresses):
    stored_words(desk.project.pk, "private words")
    for page in PAGES[:-1]:
        text = desk.stranger.get(page, {"query": "", "show": "all"}).content.decode()
        assert "KeyError" not in text
        assert "private words" not in text
        assert "RecursionError" not in text
        assert "fieldbook@" not in text


def test_nobody_reads_without_signing_in(client, desk, addresses):
    for address in [*addresses, *PAGES]:
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/login/?next="), address


@pytest.mark.parametrize("action", ["resolve", "ignore", "assign_me", "assign"])
def test_a_viewer_changes_no_issue(desk, action):
    answer = desk.viewer.post(f"{desk.address}change/", {"action": action})
    assert answer.status_code == 403
    assert "lets you read, not change" in answer.content.decode()
    desk.issue.refresh_from_db()
    assert (desk.issue.state, desk.issue.assignee) == ("unresolved", None)


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("stranger", 404)])
def test_bulk_actions_look_every_issue_up_through_the_person(desk, who, status):
    name = f"FIELDBOOK-{desk.issue.number}"
    client = getattr(desk, who)
    assert client.post("/issues/change/", {"issue": [name], "action": "resolve"}).status_code == status
    assert client.post("/issues/undo/", {"step": [f"{name}:state:resolved"]}).status_code == status
    desk.issue.refresh_from_db()
    assert desk.issue.state == "unresolved"


def test_a_stranger_changes_neither_issue_nor_feedback(desk):
    words = stored_words(desk.project.pk, "hello")
    mark = reverse("feedback_mark", args=["fieldbook", words.id])
    assert desk.stranger.post(f"{desk.address}change/", {"action": "resolve"}).status_code == 404
    assert desk.stranger.post(mark).status_code == 404
    assert desk.viewer.post(mark).status_code == 403
    words.refresh_from_db()
    assert not words.is_read


def test_a_foreign_id_below_an_own_project_is_not_found(desk):
    words = stored_words(desk.project.pk, "hello")
    file = a_stored_file(desk.project.pk, desk.event.event_id)
    report = a_failed_report(desk.project.pk)
    assert desk.stranger.post(reverse("feedback_mark", args=["elsewhere", words.id])).status_code == 404
    assert desk.stranger.get(reverse("attachment", args=["elsewhere", file.id])).status_code == 404
    assert desk.stranger.get(reverse("failed_raw", args=["elsewhere", report.id])).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_and_only_those_that_triage_change(desk, addresses, role):
    client = people.signed_in(people.a_member("mira", desk.project.pk, role))
    words = stored_words(desk.project.pk, "hello")
    changes = (
        (f"{desk.address}change/", {"action": "ignore"}),
        ("/issues/change/", {"issue": f"FIELDBOOK-{desk.issue.number}", "action": "resolve"}),
        ("/issues/undo/", {"step": f"FIELDBOOK-{desk.issue.number}:state:unresolved"}),
        (reverse("feedback_mark", args=["fieldbook", words.id]), {}),
    )
    assert all(client.get(address, follow=True).status_code == 200 for address in [*addresses, *PAGES])
    expected = 302 if "event:write" in ROLES[role].scopes else 403
    assert [client.post(address, form).status_code for address, form in changes] == [expected] * 4


def test_changes_need_a_post(desk):
    assert desk.developer.get(f"{desk.address}change/").status_code == 405
    assert desk.developer.get("/issues/change/").status_code == 405
    assert desk.developer.get("/issues/undo/").status_code == 405
