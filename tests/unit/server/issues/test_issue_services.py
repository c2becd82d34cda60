import pytest

from crashdesk.errors import UsageError
from crashdesk.protocol.feedback import Feedback
from crashdesk.server.issues import queries, services
from crashdesk.server.issues.states import STATES, may_change
from support.rows import NOON, a_person, a_project, an_event, an_issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return an_issue(a_project().pk)


def test_resolving_notes_when_and_by_whom(issue):
    anna = a_person()
    assert services.set_state(issue, "resolved", by=anna, now=NOON)
    stored = queries.issue([issue.project_id], issue.id)
    assert stored is not None
    assert (stored.state, stored.resolved_at) == ("resolved", NOON)
    (change,) = queries.history(issue)
    assert (change.what, change.before, change.after, change.user) == ("state", "unresolved", "resolved", anna)


def test_the_same_state_again_changes_nothing(issue):
    assert not services.set_state(issue, "unresolved", by=None, now=NOON)
    assert queries.history(issue) == []


def test_an_unknown_state_is_refused(issue):
    with pytest.raises(UsageError, match="unresolved, resolved, ignored"):
        services.set_state(issue, "mended", by=None, now=NOON)


def test_reopening_forgets_the_resolution(issue):
    services.set_state(issue, "resolved", by=None, now=NOON)
    services.set_state(issue, "unresolved", by=None, now=NOON)
    assert (issue.state, issue.resolved_at) == ("unresolved", None)


def test_assigning_and_giving_back_are_noted(issue):
    anna = a_person()
    assert services.assign(issue, anna, by=anna, now=NOON)
    assert not services.assign(issue, anna, by=anna, now=NOON)
    assert services.assign(issue, None, by=anna, now=NOON)
    assert [(row.before, row.after) for row in queries.history(issue)] == [
        ("anna@example.org", ""),
        ("", "anna@example.org"),
    ]


def test_every_state_leads_to_known_states_only():
    for state in STATES.values():
        assert state.leads_to <= STATES.keys() - {state.name}
        assert state.description
    assert not may_change("nonsense", "resolved")


def test_words_that_come_by_the_api_are_linked_and_stored_once(issue):
    event = an_event(issue.project_id, issue.id)
    words = Feedback.from_user_report({"event_id": event.hex_id, "comments": "it broke", "name": "A" * 300})
    first = services.add_words(issue.project_id, words, NOON)
    assert services.add_words(issue.project_id, words, NOON) == first
    assert (first.issue_id, first.message, len(first.name)) == (issue.id, "it broke", 200)
    stored = queries.issue([issue.project_id], issue.id)
    assert stored is not None
    assert stored.feedback_count == 1


def test_words_about_an_event_that_is_not_there_yet_wait_for_it(issue):
    words = Feedback.from_user_report({"event_id": "e" * 32, "comments": "it broke"})
    assert services.add_words(issue.project_id, words, NOON).issue_id is None


def test_an_issue_that_is_gone_cannot_be_changed(issue):
    issue.delete()
    with pytest.raises(UsageError, match="merged or deleted"):
        services.set_state(issue, "resolved", by=None, now=NOON)
    with pytest.raises(UsageError, match="merged or deleted"):
        services.assign(issue, a_person(), by=None, now=NOON)
