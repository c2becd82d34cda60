"""Finding and paging issues, and counters that several writers move, the same on both databases."""

from datetime import timedelta
from threading import Thread

from django.db import connection, transaction

from crashdesk.server.events.counters import add_counts
from crashdesk.server.issues.models import IssueTag
from crashdesk.server.issues.queries import ListRequest, issues
from support.rows import NOON, an_issue, an_occurrence

KEYS = ("project_id", "issue_id", "key", "value")


def found(world, query="", **more):
    page = issues(ListRequest([world.project_id], query, **more), NOON)
    return [row.issue.type for row in page.rows], page.next_cursor


def test_issues_are_found_by_words_states_tags_and_releases(world):
    tags = (("theme", "Very dark"), ("release", "app@2.4.1"))
    an_issue(world.project_id, an_occurrence("a", type="KeyError", value="'Größe' 100%_x", tags=tags))
    an_issue(world.project_id, an_occurrence("b", type="TypeError", value="no name"))
    for query in ("keyerror", '"100%_x"', "größe", 'theme:"Very dark"', "release:app@2.4*", "!typeerror"):
        assert found(world, query) == (["KeyError"], ""), query
    assert found(world, "is:unresolved")[0] == ["TypeError", "KeyError"]
    assert found(world, "100%")[0] == ["KeyError"]
    assert found(world, "1%x") == ([], "")


def test_a_list_is_paged_without_gaps_or_repeats_in_every_order(world):
    for number in range(7):
        at = NOON + timedelta(minutes=number % 3)  # several at one moment
        an_issue(world.project_id, *[an_occurrence(str(number), type=f"T{number}", happened_at=at)] * (number % 2 + 1))
    for sort in ("last_seen", "first_seen", "events", "users"):
        seen, cursor = [], ""
        while True:
            page, cursor = found(world, sort=sort, cursor=cursor, limit=3)
            seen += page
            if not cursor:
                break
        assert sorted(seen) == [f"T{number}" for number in range(7)], sort


def test_counts_of_several_writers_add_up(world):
    def count(times):
        try:
            for _ in range(times):
                with transaction.atomic():
                    add_counts(IssueTag, KEYS, {(world.project_id, 1, "k", str(value)): 1 for value in range(20)})
        finally:
            connection.close()

    threads = [Thread(target=count, args=(10,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert list(IssueTag.objects.values_list("count", flat=True)) == [30] * 20
