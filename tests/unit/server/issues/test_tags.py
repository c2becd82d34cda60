import pytest

from crashdesk.server.issues.tags import tags_of, unusual
from support.rows import a_project, an_issue, an_occurrence

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    project_id = a_project().pk
    an_issue(project_id, *[an_occurrence("other", tags=(("os", "Linux"), ("theme", "dark")))] * 8)
    return an_issue(project_id, *[an_occurrence("k", tags=(("os", "Windows"), ("theme", "dark")))] * 2)


def test_a_value_is_shown_with_its_share_here_and_its_usual_share(issue):
    (os, theme) = tags_of(issue)
    assert (os.key, os.distinct, os.values[0].value, os.values[0].count) == ("os", 1, "Windows", 2)
    assert (os.values[0].share, os.values[0].usual_share) == (1.0, 0.2)
    assert theme.values[0].usual_share == 1.0


def test_only_what_differs_from_the_project_is_unusual(issue):
    assert [(row.key, row.value.value) for row in unusual(tags_of(issue), 2)] == [("os", "Windows")]


def test_an_issue_without_tags_has_none():
    assert tags_of(an_issue(a_project("empty").pk)) == []


def found_of(*tags_of_events, slug="fieldbook"):
    project_id = a_project(slug).pk
    an_issue(project_id, *[an_occurrence("other", tags=(("os", "Linux"), ("os.name", "Linux"), ("qt", "6.8")))] * 8)
    issue = an_issue(project_id, *[an_occurrence("k", tags=tags) for tags in tags_of_events])
    return [(row.key, row.value.value) for row in unusual(tags_of(issue), issue.event_count)]


def test_what_few_of_the_events_say_is_not_called_unusual():
    assert found_of((("qt", "6.11"),), (), ()) == []
    assert found_of((("qt", "6.11"),), (("qt", "6.11"),), (), slug="other") == [("qt", "6.11")]


def test_what_two_tags_say_alike_is_said_once_in_its_longer_form():
    tags = (("os.name", "Windows"), ("os", "Windows 11"), ("qt.platform", "windows"), ("qt", "6.11"))
    assert found_of(tags, tags) == [("os", "Windows 11"), ("qt", "6.11")]


def test_the_same_words_of_two_tags_are_said_once():
    assert found_of((("os", "Haiku"), ("os.name", "haiku"))) == [("os", "Haiku")]
