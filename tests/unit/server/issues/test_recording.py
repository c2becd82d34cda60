from datetime import timedelta

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.issues import counting, queries, services
from crashdesk.server.issues.models import GroupingKey, Issue, IssueUser, ProjectTag
from crashdesk.server.issues.recording import record
from support.rows import NOON, a_project, an_issue, an_occurrence

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def project_id():
    return a_project().pk


def again(issue):
    return Issue.objects.get(project_id=issue.project_id, id=issue.id)


def test_events_of_one_fingerprint_become_one_issue(project_id):
    found = record(project_id, [an_occurrence("a"), an_occurrence("b"), an_occurrence("a")], {}, NOON)
    assert found[0] == found[2] != found[1]
    assert again(an_issue(project_id, an_occurrence("a"))).event_count == 3


def test_issues_are_numbered_within_the_project_in_their_order(project_id):
    other = a_project("other").pk
    record(project_id, [an_occurrence("a"), an_occurrence("b")], {}, NOON)
    assert an_issue(project_id, an_occurrence("c")).number == 3
    assert an_issue(other, an_occurrence("a")).number == 1


def test_an_issue_is_named_by_its_first_event(project_id):
    issue = an_issue(project_id, an_occurrence(type="KeyError", value="'a'\nmore"), an_occurrence(type="Other"))
    assert issue.title == "KeyError: 'a'"


def test_first_and_last_seen_span_all_events_whatever_their_order(project_id):
    an_issue(project_id, an_occurrence(happened_at=NOON))
    issue = an_issue(project_id, an_occurrence(happened_at=NOON - HOUR), an_occurrence(happened_at=NOON + HOUR))
    assert (issue.first_seen_at, issue.last_seen_at) == (NOON - HOUR, NOON + HOUR)


def test_a_user_is_counted_once_an_issue(project_id):
    an_issue(project_id, an_occurrence(user_digest="u1"), an_occurrence(user_digest="u1"), an_occurrence())
    issue = an_issue(project_id, an_occurrence(user_digest="u1"), an_occurrence(user_digest="u2"))
    assert issue.user_count == IssueUser.objects.count() == 2


def test_tags_are_counted_by_value(project_id):
    an_issue(project_id, an_occurrence(tags=(("os", "Linux"),)), an_occurrence(tags=(("os", "Windows"),)))
    issue = an_issue(project_id, an_occurrence(tags=(("os", "Linux"),)))
    assert queries.tagged(issue, "os") == [("Linux", 2), ("Windows", 1)]


def test_a_tag_with_a_new_value_for_every_event_is_bounded(project_id, monkeypatch):
    monkeypatch.setattr(counting, "MOST_VALUES", 3)
    monkeypatch.setattr(counting, "COUNTED_EVERY", 1)
    an_issue(project_id, *(an_occurrence(tags=(("job", str(number)),)) for number in range(3)))
    issue = an_issue(
        project_id, an_occurrence(tags=(("job", "1"), ("os", "Linux"))), an_occurrence(tags=(("job", "9"),))
    )
    assert queries.tagged(issue, "job") == [("1", 2), ("0", 1), ("2", 1)]
    assert queries.tagged(issue, "os") == [("Linux", 1)]


def test_a_tag_of_the_project_with_very_many_values_is_bounded_too(project_id, monkeypatch):
    for limit, number in {"MOST_VALUES_OF_PROJECT": 2, "COUNTED_EVERY": 1, "PROJECT_COUNTED_EVERY": 1}.items():
        monkeypatch.setattr(counting, limit, number)
    an_issue(project_id, *(an_occurrence(tags=(("job", str(number)),)) for number in range(3)))
    an_issue(project_id, an_occurrence("b", tags=(("job", "9"),)), an_occurrence("b", tags=(("job", "0"),)))
    assert dict(ProjectTag.objects.values_list("value", "count")) == {"": 5, "0": 2, "1": 1, "2": 1}


def test_a_user_who_comes_back_on_another_day_is_no_new_user(project_id):
    an_issue(project_id, an_occurrence(user_digest="u1"))
    record(project_id, [an_occurrence(user_digest="u1"), an_occurrence(user_digest="u2")], {}, NOON + 24 * HOUR)
    assert Issue.objects.get().user_count == 2
    days = {user.user_digest: user.last_day - user.first_day for user in IssueUser.objects.all()}
    assert days == {"u1": 1, "u2": 0}


def test_the_first_and_last_release_are_kept(project_id):
    an_issue(project_id, an_occurrence(), an_occurrence(release="1.0"))
    issue = an_issue(project_id, an_occurrence(release="1.1"), an_occurrence())
    assert (issue.first_release, issue.last_release) == ("1.0", "1.1")


def test_a_resolved_issue_opens_when_a_later_release_meets_it(project_id):
    issue = an_issue(project_id, an_occurrence(release="1.0"), first_seen={"1.0": NOON})
    services.set_state(issue, "resolved", by=None, now=NOON + HOUR)
    later = an_issue(project_id, an_occurrence(release="1.1"), first_seen={"1.1": NOON + 2 * HOUR})
    assert (later.state, later.regressed_at, later.resolved_at) == ("unresolved", NOON, None)
    newest = queries.history(later)[0]
    assert (newest.what, newest.before, newest.after, newest.user) == ("regressed", "resolved", "1.1", None)


def test_a_resolved_issue_stays_resolved_for_a_release_that_was_there_before(project_id):
    issue = an_issue(project_id, an_occurrence(release="1.0"), first_seen={"1.0": NOON})
    services.set_state(issue, "resolved", by=None, now=NOON + HOUR)
    late = an_occurrence(release="1.0", happened_at=NOON + 5 * HOUR)
    assert an_issue(project_id, late, first_seen={"1.0": NOON}).state == "resolved"


def test_without_a_release_what_happened_after_the_resolution_opens_the_issue(project_id):
    services.set_state(an_issue(project_id), "resolved", by=None, now=NOON + HOUR)
    assert an_issue(project_id, an_occurrence(happened_at=NOON)).state == "resolved"
    assert an_issue(project_id, an_occurrence(happened_at=NOON + 2 * HOUR)).state == "unresolved"


def test_an_ignored_issue_stays_ignored(project_id):
    services.set_state(an_issue(project_id), "ignored", by=None, now=NOON)
    assert an_issue(project_id, an_occurrence(happened_at=NOON + HOUR)).state == "ignored"


def test_feedback_is_counted_into_its_issue(project_id):
    issue = an_issue(project_id)
    services.add_feedback(project_id, {issue.id: 2})
    assert again(issue).feedback_count == 2


def test_a_fingerprint_whose_issue_was_deleted_leads_to_a_new_one(project_id):
    first = an_issue(project_id)
    first.delete()
    assert an_issue(project_id).id != first.id
    assert GroupingKey.objects.count() == 1


def test_the_same_fingerprint_in_two_projects_is_two_issues(project_id):
    assert an_issue(project_id).id != an_issue(a_project("other").pk).id


def test_a_project_that_is_gone_takes_no_issues():
    with pytest.raises(UsageError, match="no project 99"):
        record(99, [an_occurrence()], {}, NOON)
