from datetime import timedelta

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.issues import queries, services
from crashdesk.server.issues.periods import PERIODS
from crashdesk.server.issues.queries import ListRequest
from support.rows import NOON, a_person, a_project, an_event, an_issue, an_occurrence

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def project_id():
    return a_project().pk


def found(project_id, query, **more):
    page = queries.issues(ListRequest([project_id], query, **more), NOON)
    return [row.issue.type for row in page.rows]


def test_the_list_shows_only_the_projects_that_are_seen(project_id):
    an_issue(project_id)
    assert found(project_id + 1, "") == []
    assert queries.issues(ListRequest([]), NOON).total == 0


def test_every_word_must_be_in_type_value_or_place(project_id):
    an_issue(project_id, an_occurrence("a", type="KeyError", value="'name'", culprit="notes.table in filter_rows"))
    an_issue(project_id, an_occurrence("b", type="TypeError", value="no name"))
    assert found(project_id, "keyerror FILTER") == ["KeyError"]
    assert found(project_id, '"no name"') == ["TypeError"]
    assert found(project_id, "!keyerror") == ["TypeError"]
    assert found(project_id, "100%") == []


def test_issues_are_found_by_state(project_id):
    services.set_state(an_issue(project_id, an_occurrence("a", type="A")), "resolved", by=None, now=NOON)
    an_issue(project_id, an_occurrence("b", type="B"))
    assert found(project_id, "is:resolved") == ["A"]
    assert found(project_id, "is:unresolved") == ["B"]
    an_issue(project_id, an_occurrence("a", happened_at=NOON + HOUR))
    assert found(project_id, "is:regressed") == ["A"]


def test_issues_are_found_by_tag_release_and_environment(project_id):
    tags = (("release", "app@2.4.1"), ("environment", "beta"), ("theme", "very dark"))
    an_issue(project_id, an_occurrence("a", type="A", tags=tags))
    an_issue(project_id, an_occurrence("b", type="B", tags=(("release", "app@2.3.0"),)))
    assert found(project_id, "release:app@2.4*") == ["A"]
    assert found(project_id, "release:app@2.3.0") == ["B"]
    assert found(project_id, "environment:beta") == ["A"]
    assert found(project_id, 'theme:"very dark"') == ["A"]
    assert found(project_id, "!theme:light !environment:beta") == ["B"]


def test_a_release_is_found_by_its_version_alone(project_id):
    an_issue(project_id, an_occurrence("a", type="A", tags=(("release", "app@2.4.1"),)))
    an_issue(project_id, an_occurrence("b", type="B", tags=(("release", "2.4.0"),)))
    an_issue(project_id, an_occurrence("c", type="C", tags=(("release", "app@12.4.1"),)))
    assert found(project_id, "release:2.4.1") == ["A"]
    assert found(project_id, "release:2.4*") == ["B", "A"]
    assert found(project_id, "release:4.1") == []


def test_an_issue_is_found_by_its_name(project_id):
    an_issue(project_id, an_occurrence("a", type="A"))
    an_issue(project_id, an_occurrence("b", type="B"))
    assert found(project_id, "fieldbook-2") == found(project_id, "FIELDBOOK-2") == ["B"]
    assert found(project_id, "OTHER-2") == found(project_id, "FIELDBOOK-3") == []


def test_an_issue_is_found_by_an_event_of_it(project_id):
    one, other = an_issue(project_id, an_occurrence("a", type="A")), an_issue(project_id, an_occurrence("b", type="B"))
    event, _ = an_event(project_id, one.id), an_event(project_id, other.id)
    for written in (event.event_id.hex, str(event.event_id), event.event_id.hex[:8].upper()):
        assert found(project_id, written) == ["A"]
    assert found(project_id, event.event_id.hex[:6]) == []


def test_issues_are_found_by_kind_level_and_type(project_id):
    an_issue(project_id, an_occurrence("a", type="SIGSEGV", kind="native", level="fatal"))
    an_issue(project_id, an_occurrence("b", type="KeyError"))
    assert found(project_id, "kind:native") == found(project_id, "level:fatal") == ["SIGSEGV"]
    assert found(project_id, "type:keyerror") == found(project_id, "type:Key*") == ["KeyError"]


def test_issues_are_found_by_who_has_them(project_id):
    anna = a_person()
    services.assign(an_issue(project_id, an_occurrence("a", type="A")), anna, by=anna, now=NOON)
    an_issue(project_id, an_occurrence("b", type="B"))
    assert found(project_id, "assignee:me", me=anna.pk) == ["A"]
    assert found(project_id, "assignee:anna@example.org") == found(project_id, "is:assigned") == ["A"]
    assert found(project_id, "assignee:none") == found(project_id, "is:unassigned") == ["B"]
    assert found(project_id, "assignee:me") == []


def test_issues_are_found_by_what_they_have(project_id):
    issue = an_issue(project_id, an_occurrence("a", type="A", user_digest="u", release="1"))
    an_issue(project_id, an_occurrence("b", type="B"))
    services.add_feedback(project_id, {issue.id: 1})
    for query in ("has:feedback", "has:user", "has:release"):
        assert found(project_id, query) == ["A"]
    assert found(project_id, "!has:feedback") == ["B"]


def test_the_list_can_be_ordered(project_id):
    an_issue(project_id, an_occurrence("a", type="A", happened_at=NOON - HOUR), an_occurrence("a", user_digest="u"))
    an_issue(project_id, an_occurrence("b", type="B", happened_at=NOON + HOUR))
    assert found(project_id, "") == ["B", "A"]
    assert found(project_id, "", sort="events") == found(project_id, "", sort="users") == ["A", "B"]
    assert found(project_id, "", sort="first_seen") == ["B", "A"]
    assert found(project_id, "", sort="nonsense") == ["B", "A"]


@pytest.mark.parametrize("sort", ["last_seen", "events"])
def test_pages_follow_each_other_without_gap_or_repeat(project_id, sort):
    for number in range(7):
        an_issue(project_id, an_occurrence(f"k{number}", type=f"T{number}"))
    seen, cursor = [], ""
    while True:
        page = queries.issues(ListRequest([project_id], sort=sort, cursor=cursor, limit=3), NOON)
        seen += [row.issue.type for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(seen) == [f"T{number}" for number in range(7)]
    assert page.total == 7


def test_a_cursor_from_elsewhere_is_one_clear_sentence(project_id):
    for cursor in ("nonsense", "é", "WzEsMl0", "bnVsbA"):
        with pytest.raises(UsageError, match="begin again at the first page"):
            found(project_id, "", cursor=cursor)


def test_what_was_not_seen_in_the_period_can_be_left_out(project_id):
    an_issue(project_id, an_occurrence(happened_at=NOON - 30 * HOUR))
    assert found(project_id, "", seen_since=NOON - 24 * HOUR) == []
    assert found(project_id, "", seen_since=NOON - 48 * HOUR) == ["KeyError"]


def test_each_row_has_its_events_by_the_hour(project_id):
    times = [NOON, NOON, NOON - HOUR, NOON - 23 * HOUR, NOON - 24 * HOUR]
    an_issue(project_id, *(an_occurrence(happened_at=at) for at in times))
    (row,) = queries.issues(ListRequest([project_id]), NOON).rows
    assert len(row.series) == 24
    assert (row.series[0], row.series[22], row.series[23], sum(row.series)) == (1, 1, 2, 4)


def test_longer_periods_have_longer_bars(project_id):
    an_issue(project_id, an_occurrence(happened_at=NOON - 160 * HOUR), an_occurrence())
    for name in ("7d", "30d"):
        (row,) = queries.issues(ListRequest([project_id], period=PERIODS[name]), NOON).rows
        assert len(row.series) == PERIODS[name].bars
        assert sum(row.series) == 2


def test_the_list_takes_few_queries_however_long_it_is(project_id, django_assert_max_num_queries):
    for number in range(20):
        an_issue(project_id, an_occurrence(f"k{number}"))
    with django_assert_max_num_queries(3):
        queries.issues(ListRequest([project_id]), NOON)


def test_an_issue_is_found_by_id_and_number_within_what_is_seen(project_id):
    issue = an_issue(project_id)
    assert queries.issue([project_id], issue.id) == queries.issue_with_number(project_id, 1) == issue
    assert queries.issue([project_id + 1], issue.id) is None
    assert queries.issue_with_number(project_id, 2) is None


def test_issues_are_counted_and_their_keys_are_told(project_id):
    issue = an_issue(project_id, an_occurrence(), an_occurrence())
    assert queries.issue_count() == queries.issue_count([project_id]) == 1
    assert [key.key for key in queries.grouping_keys(issue)] == ["k"]
