import pytest

from support import people
from support.events import event, frame, raised
from support.stored import a_stored_event


def state_of(desk):
    desk.issue.refresh_from_db()
    return desk.issue.state


@pytest.fixture
def act(desk):
    def post(action, **more):
        return desk.developer.post(f"{desk.address}change/", {"action": action, **more})

    return post


def test_an_issue_is_resolved_reopened_and_ignored(desk, act):
    for action, state in (("resolve", "resolved"), ("reopen", "unresolved"), ("ignore", "ignored")):
        assert act(action)["Location"] == desk.address
        assert state_of(desk) == state


def test_the_next_page_offers_to_take_the_change_back_once(desk, act, text):
    act("resolve")
    page = text(desk.developer.get(desk.address))
    assert "1 issue resolved." in page
    assert f"FIELDBOOK-{desk.issue.number}:state:unresolved" in page
    assert "1 issue resolved." not in text(desk.developer.get(desk.address))


def test_undo_takes_a_change_back(desk, act):
    act("resolve")
    step = f"FIELDBOOK-{desk.issue.number}:state:unresolved"
    desk.developer.post("/issues/undo/", {"step": step, "next": desk.address})
    assert state_of(desk) == "unresolved"


def test_undo_gives_an_issue_back_to_who_had_it(desk, act):
    act("assign_me")
    desk.developer.post("/issues/undo/", {"step": f"FIELDBOOK-{desk.issue.number}:assignee:"})
    desk.issue.refresh_from_db()
    assert desk.issue.assignee is None


def test_an_issue_is_assigned_to_a_member(desk, act):
    helper = people.a_member("hugo", desk.project.pk, "support")
    act("assign", assignee=str(helper.pk))
    desk.issue.refresh_from_db()
    assert desk.issue.assignee == helper
    act("assign", assignee="")
    desk.issue.refresh_from_db()
    assert desk.issue.assignee is None


def test_an_issue_is_not_assigned_to_a_stranger(desk, act):
    stranger = people.a_user("sam")
    assert act("assign", assignee=str(stranger.pk)).status_code == 403
    desk.issue.refresh_from_db()
    assert desk.issue.assignee is None


def test_htmx_gets_the_head_with_the_new_state(desk, text):
    part = desk.developer.post(f"{desk.address}change/", {"action": "resolve"}, headers={"hx-request": "true"})
    assert '<span class="state resolved">resolved</span>' in text(part)
    assert "Undo" in text(part)
    assert f'name="next" value="{desk.address}"' in text(part)


def test_several_issues_change_at_once_and_lead_back_to_the_list(desk):
    other, _ = a_stored_event(desk.project.pk, event(raised("IndexError", frames=[frame("fieldbook.b", "g")])))
    names = [f"FIELDBOOK-{issue.number}" for issue in (desk.issue, other)]
    back = "/issues/?query=IndexError"
    answer = desk.developer.post("/issues/change/", {"issue": names, "action": "ignore", "next": back})
    assert answer["Location"] == back
    other.refresh_from_db()
    assert (state_of(desk), other.state) == ("ignored", "ignored")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", ""])
def test_a_form_leads_only_to_local_pages(desk, target):
    name = f"FIELDBOOK-{desk.issue.number}"
    answer = desk.developer.post("/issues/change/", {"issue": [name], "action": "resolve", "next": target})
    assert answer["Location"] == "/issues/"


@pytest.mark.parametrize(
    "form",
    [
        {"action": "explode"},
        {"issue": "no name", "action": "resolve"},
        {"issue": [f"FIELDBOOK-{number}" for number in range(1, 300)], "action": "resolve"},
    ],
)
def test_a_form_that_no_page_of_ours_sends_changes_nothing(desk, form):
    assert desk.developer.post("/issues/change/", form).status_code == 400


@pytest.mark.parametrize("step", ["", "FIELDBOOK-1", "FIELDBOOK-1:state:exploded", "x:state:resolved"])
def test_an_undo_that_we_did_not_offer_changes_nothing(desk, step):
    assert desk.developer.post("/issues/undo/", {"step": step}).status_code in {302, 400}
    assert state_of(desk) == "unresolved"


def test_a_form_from_a_foreign_page_changes_nothing(desk):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(desk.dev, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post(f"{desk.address}change/", {"action": "resolve"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
    assert state_of(desk) == "unresolved"
