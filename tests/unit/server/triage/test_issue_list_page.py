from datetime import timedelta

import pytest

from crashdesk import clock
from crashdesk.server.issues import services
from crashdesk.server.triage import issues
from support import people
from support.events import event, frame, message, raised
from support.rows import a_project
from support.stored import a_stored_event, stored_words


def test_a_row_says_type_and_place_first_then_the_message(desk, text):
    page = text(desk.viewer.get("/issues/"))
    assert "<strong>KeyError in filter_rows</strong>" in page
    assert "&#x27;x&#x27;" in page
    assert f"FIELDBOOK-{desk.issue.number}" in page


def test_a_message_is_its_own_title(desk, text):
    a_stored_event(desk.project.pk, message("The index was rebuilt"))
    assert "<strong>The index was rebuilt</strong>" in text(desk.viewer.get("/issues/"))


def test_only_unresolved_issues_are_listed_at_first(desk, text):
    services.set_state(desk.issue, "resolved", by=None, now=clock.now())
    assert "KeyError" not in text(desk.viewer.get("/issues/"))
    assert "KeyError" in text(desk.viewer.get("/issues/", {"query": ""}))


def test_the_search_box_narrows_the_list(desk, text):
    a_stored_event(desk.project.pk, event(raised("ZeroDivisionError")))
    page = text(desk.viewer.get("/issues/", {"query": "zerodivision"}))
    assert "ZeroDivisionError" in page
    assert "KeyError" not in page


def test_the_foot_says_how_many_of_all_are_shown(desk, text, monkeypatch):
    assert "<span>1 issue</span>" in text(desk.viewer.get("/issues/"))
    a_stored_event(desk.project.pk, event(raised("ZeroDivisionError")))
    monkeypatch.setattr(issues, "PAGE_SIZE", 1)
    assert "<span>1 of 2 issues</span>" in text(desk.viewer.get("/issues/"))


def test_a_query_that_cannot_be_read_names_the_place_and_searches_nothing(desk, text):
    page = text(desk.viewer.get("/issues/", {"query": 'KeyError "open'}))
    assert "A quote is opened and not closed" in page
    assert "         ↑" in page
    assert "KeyError in filter_rows" not in page


def test_a_cursor_that_cannot_be_read_is_said_so(desk, text):
    assert "begin again at the first page" in text(desk.viewer.get("/issues/", {"cursor": "???"}))


def test_nothing_found_names_the_filters_to_drop(desk, text):
    page = text(desk.viewer.get("/issues/", {"query": 'is:unresolved release:9* "two words"'}))
    assert "No issue matches" in page
    assert "?query=is%3Aunresolved+%22two+words%22" in page


@pytest.mark.parametrize(
    ("query", "rests"),
    [("", []), ("is:resolved", [""]), ('a "b c" !d:e', ['"b c" !d:e', "a !d:e", 'a "b c"'])],
)
def test_a_filter_is_dropped_whole(query, rests):
    assert [drop["rest"] for drop in issues.drops(query)] == rests


def test_the_first_use_shows_the_lines_to_copy(db, settings, text):
    settings.CRASHDESK_URL = "http://desk.example"
    project = a_project()
    page = text(people.signed_in(people.a_member("vera", project.pk, "viewer")).get("/issues/"))
    assert "No report has arrived yet" in page
    assert f'@desk.example/{project.pk}"' in page


def test_a_person_without_projects_is_told_who_can_help(db, text):
    page = text(people.signed_in(people.a_user("nora")).get("/issues/"))
    assert "You see no project yet" in page
    assert "crashdesk server user add nora@example.org" in page


def test_htmx_gets_only_the_list(desk, text):
    part = text(desk.viewer.get("/issues/", headers={"hx-request": "true"}))
    assert part.lstrip().startswith('<div id="list">')
    back = text(desk.viewer.get("/issues/", headers={"hx-request": "true", "hx-history-restore-request": "true"}))
    assert back.startswith("<!doctype html>")


def test_the_list_is_paged(desk, text, monkeypatch):
    monkeypatch.setattr(issues, "PAGE_SIZE", 2)
    for number in range(4):
        stack = [frame("fieldbook.app", f"step_{number}")]
        a_stored_event(desk.project.pk, event(raised(f"Error{number}", frames=stack), timestamp=1_767_225_700 + number))
    first = desk.viewer.get("/issues/")
    assert "Error3" in text(first)
    assert "Error1" not in text(first)
    second = text(desk.viewer.get("/issues/", {"cursor": first.context["next_cursor"]}))
    assert "Error1" in second
    assert "Error3" not in second
    assert "Back to the first" in second


def test_one_project_can_be_picked(desk, text):
    both = people.signed_in(people.a_user("root", is_superuser=True))
    assert "KeyError" in text(both.get("/issues/", {"project": "fieldbook"}))
    assert "KeyError" not in text(both.get("/issues/", {"project": "elsewhere"}))


def test_an_issue_that_came_back_is_marked(desk, text):
    type(desk.issue).objects.filter(id=desk.issue.id).update(regressed_at=clock.now())
    assert "came back" in text(desk.viewer.get("/issues/"))
    assert "came back" in text(desk.viewer.get(desk.address))


def test_words_of_users_are_marked_in_the_row(desk, text):
    stored_words(desk.project.pk, "hello", issue=desk.issue)
    assert "users wrote about it" in text(desk.viewer.get("/issues/"))


def test_news_are_told_without_moving_the_list(desk, text):
    before = clock.timestamp()
    assert desk.viewer.get("/issues/news/", {"since": before}).status_code == 204
    a_stored_event(desk.project.pk, event(timestamp=before + 1))
    assert "1 issue has news" in text(desk.viewer.get("/issues/news/", {"since": before, "query": "KeyError"}))
    assert desk.viewer.get("/issues/news/", {"since": before, "query": "is:resolved"}).status_code == 204
    assert desk.viewer.get("/issues/news/", {"since": before, "query": '"open'}).status_code == 204
    assert desk.stranger.get("/issues/news/", {"since": before}).status_code == 204


@pytest.mark.parametrize("since", ["", "soon", "nan", "1e99", "inf"])
def test_news_since_no_moment_are_refused(desk, since):
    assert desk.viewer.get("/issues/news/", {"since": since}).status_code == 400


def test_the_first_use_page_waits_for_the_first_issue(desk):
    assert desk.stranger.get("/issues/first/").status_code == 204
    assert desk.viewer.get("/issues/first/")["HX-Refresh"] == "true"


def test_a_viewer_cannot_select_and_a_developer_can(desk, text):
    assert "disabled" in text(desk.viewer.get("/issues/"))
    assert "disabled" not in text(desk.developer.get("/issues/"))


def test_an_issue_of_today_is_new(desk, text):
    now = clock.now() - timedelta(minutes=5)
    a_stored_event(desk.project.pk, event(raised("FreshError"), timestamp=now.timestamp()))
    page = text(desk.viewer.get("/issues/", {"query": "FreshError"}))
    assert '<span class="new">new</span>' in page
