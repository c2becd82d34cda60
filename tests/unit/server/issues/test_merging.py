from datetime import timedelta

import pytest
from django.apps import apps

from crashdesk.errors import UsageError
from crashdesk.server.events.models import Event
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.issues import merging, queries
from crashdesk.server.issues.filters import Asked, conditions
from crashdesk.server.issues.models import GroupingKey, Issue, IssueChange, IssueHour, IssueTag, IssueUser, MergedIssue
from crashdesk.server.issues.search import parse
from support.rows import NOON, a_project, an_event, an_issue, an_occurrence
from support.stored import stored_words

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def project():
    return a_project()


def two(project):
    """Return an issue with three events and one with two; one user and one tag's value belong to both."""
    many = [an_occurrence("many", user_digest=user, tags=(("qt", "6"),), release="1") for user in "abb"]
    few = [
        an_occurrence("few", user_digest=user, tags=(("qt", value),), happened_at=NOON - HOUR, release="0")
        for user, value in (("b", "6"), ("c", "5"))
    ]
    parent, child = an_issue(project.pk, *many), an_issue(project.pk, *few)
    for issue, occurrences in ((parent, many), (child, few)):
        for occurrence in occurrences:
            an_event(project.pk, issue.id, id=occurrence.row_id)
    return parent, child


def merge(project, *issues):
    return merging.merge(project.pk, [issue.id for issue in issues], by=None, now=NOON)


def test_the_issue_with_most_events_takes_in_the_others(project):
    parent, child = two(project)
    assert merge(project, child, parent) == (parent.id, [child.id])
    assert list(Issue.objects.values_list("id", flat=True)) == [parent.id]


def test_counters_add_up_exactly(project):
    parent, child = two(project)
    merge(project, parent, child)
    found = Issue.objects.get(id=parent.id)
    assert (found.event_count, found.user_count) == (5, 3)
    assert dict(IssueTag.objects.filter(issue_id=parent.id, key="qt").values_list("value", "count")) == {"6": 4, "5": 1}
    assert sorted(IssueHour.objects.filter(issue_id=parent.id).values_list("count", flat=True)) == [2, 3]
    assert set(IssueUser.objects.values_list("issue_id", "user_digest")) == {(parent.id, user) for user in "abc"}


def test_ends_and_the_newest_release_are_those_of_both(project):
    parent, child = two(project)
    merge(project, parent, child)
    found = Issue.objects.get(id=parent.id)
    assert (found.first_seen_at, found.last_seen_at) == (NOON - HOUR, NOON)
    assert (found.first_release, found.last_release, found.last_event_id) == ("0", "0", child.last_event_id)


def test_events_and_words_belong_to_the_parent(project):
    parent, child = two(project)
    stored_words(project.pk, "It broke", issue=child)
    merge(project, parent, child)
    assert set(Event.objects.values_list("issue_id", flat=True)) == {parent.id}
    assert Feedback.objects.get().issue_id == parent.id
    assert Issue.objects.get().feedback_count == 1


def test_many_events_are_moved_in_parts(project, monkeypatch):
    from crashdesk.server.events import services

    monkeypatch.setattr(services, "MOVED_AT_ONCE", 2)
    parent, child = two(project)
    for _ in range(7):
        an_event(project.pk, child.id)
    merge(project, parent, child)
    assert Event.objects.filter(issue_id=parent.id).count() == 12


def test_the_next_event_of_a_merged_failure_is_the_parents(project):
    parent, child = two(project)
    merge(project, parent, child)
    assert an_issue(project.pk, an_occurrence("few")).id == parent.id
    assert Issue.objects.get().event_count == 6


def test_what_the_child_was_is_kept_for_splitting(project):
    parent, child = two(project)
    merge(project, parent, child)
    kept = MergedIssue.objects.get()
    assert (kept.child_id, kept.parent_id, kept.child_number) == (child.id, parent.id, child.number)
    assert kept.keys == [[1, "few"]]
    assert (kept.facts["event_count"], kept.facts["type"]) == (2, "KeyError")
    assert queries.merged_into(parent) == [child.id]
    assert queries.parent_of([project.pk], child.id).id == parent.id


def test_the_childs_name_leads_to_the_parent(project):
    parent, child = two(project)
    merge(project, parent, child)
    assert queries.issue_with_number(project.pk, child.number).id == parent.id
    assert queries.issue_with_number(project.pk, 99) is None


def test_what_was_merged_into_a_child_follows_it(project):
    parent, child = two(project)
    smallest = an_issue(project.pk, an_occurrence("least"))
    merge(project, child, smallest)
    merge(project, parent, child)
    assert sorted(MergedIssue.objects.values_list("parent_id", flat=True)) == [parent.id, parent.id]
    assert set(GroupingKey.objects.values_list("issue_id", flat=True)) == {parent.id}


def test_the_history_says_who_came(project):
    parent, child = two(project)
    merge(project, parent, child)
    [line] = queries.history(parent)
    assert (line.what, line.before, line.after) == ("merged", f"#{child.number}", f"#{parent.number}")


def test_every_table_that_names_an_issue_is_moved():
    named = {
        model
        for model in apps.get_models()
        if any(field.attname == "issue_id" for field in model._meta.concrete_fields)
    }
    moved = {table.model for table in merging.MOVED} | {Event, Feedback, GroupingKey, IssueChange}
    assert named == moved


def test_one_issue_alone_or_a_foreign_one_cannot_be_merged(project):
    parent, _ = two(project)
    foreign = an_issue(a_project("elsewhere").pk)
    for issues in ((parent,), (parent, parent), (parent, foreign)):
        with pytest.raises(UsageError):
            merge(project, *issues)
    assert Issue.objects.count() == 3


def test_the_name_of_a_merged_issue_finds_the_one_that_took_it_in(project):
    parent, child = two(project)
    merge(project, parent, child)
    for number in (child.number, parent.number):
        found = conditions(parse(f"FIELDBOOK-{number}"), Asked([project.pk]))
        assert [issue.id for issue in Issue.objects.filter(found)] == [parent.id]
    assert not Issue.objects.filter(conditions(parse(f"OTHER-{child.number}"), Asked([project.pk]))).exists()
