from uuid import uuid4

import pytest

from crashdesk import clock
from crashdesk.server.issues import services
from support.events import event, frame, library_frame, message, raised
from support.rows import a_person
from support.stored import a_stored_event, stored_words


def page_of(desk, body, **more):
    issue, _ = a_stored_event(desk.project.pk, body, **more)
    return desk.viewer.get(f"/issues/FIELDBOOK-{issue.number}/").content.decode()


def test_the_page_shows_the_failing_line_in_its_context(desk):
    shown = frame("fieldbook.table", "remove", lineno=214, pre_context=["before"], context_line="boom(row)")
    page = page_of(desk, event(raised("IndexError", frames=[library_frame("click.core", "main"), shown])))
    assert '<li class="failing"><span>214</span><span>boom(row)' in page
    assert "1 call of a library or of Python" in page


def test_the_page_shows_trail_snapshot_and_grouping(desk):
    crumbs = {"values": [{"category": "ui.click", "message": "clicked *Remove*"}]}
    page = page_of(desk, event(breadcrumbs=crumbs, contexts={"os": {"name": "Debian", "version": "12"}}))
    assert "clicked <em>Remove</em>" in page
    assert "Operating system" in page
    assert "Grouping version 1 compared:" in page


def test_the_page_says_why_it_was_grouped_so_when_it_was_stored(desk):
    decided = {"version": 1, "key": "k", "parts": [["client", "as the desk decided then", ""]]}
    page = page_of(desk, event(_crashdesk={"grouping": decided}))
    assert "chosen by the product: as the desk decided then" in page
    assert "type of the exception" not in page


@pytest.mark.parametrize("kept", [None, 7, {"version": 1}, {"version": 1, "key": "k", "parts": [["x"], 3]}])
def test_an_explanation_that_cannot_be_read_costs_nothing_else(desk, kept):
    assert "KeyError in filter_rows" in page_of(desk, event(_crashdesk={"grouping": kept}))


def test_what_an_event_lacks_is_said(desk):
    page = page_of(desk, message("only words"))
    assert "No steps were recorded before this event." in page
    assert "No snapshot came with this event." in page
    assert "Nobody has written about this issue." in page
    assert "only words" in page


def test_a_lost_body_leaves_the_issue_readable(desk, text):
    type(desk.event).objects.filter(event_id=desk.event.event_id).update(body="9:9:9")
    page = text(desk.viewer.get(desk.address))
    assert "The latest event of this issue cannot be read at the moment" in page
    assert "KeyError in filter_rows" in page


def test_users_words_stand_on_the_page(desk, text):
    stored_words(desk.project.pk, "It closed", issue=desk.issue, event_id=desk.event.event_id, email="g@example.org")
    page = text(desk.viewer.get(desk.address))
    assert "It closed" in page
    assert "g@example.org" in page


def test_a_value_that_is_much_more_frequent_here_is_called_unusual(desk):
    for number in range(8):
        body = event(raised("IndexError", frames=[frame("fieldbook.x", "f")]), tags={"os": "Windows"})
        a_stored_event(desk.project.pk, event(tags={"os": "Linux"}) | {"event_id": uuid4().hex}, user=str(number))
        issue, _ = a_stored_event(desk.project.pk, body)
    page = desk.viewer.get(f"/issues/FIELDBOOK-{issue.number}/").content.decode()
    assert '<span class="meta">os</span> Windows' in page


def test_the_history_says_who_changed_what(desk, text):
    services.set_state(desk.issue, "resolved", by=desk.dev, now=clock.now())
    services.assign(desk.issue, desk.dev, by=desk.dev, now=clock.now())
    page = text(desk.viewer.get(desk.address))
    assert "Dora set the state from unresolved to resolved" in page
    assert "Dora changed the assignee from nobody to dora@example.org" in page


def test_the_history_says_what_was_merged(desk, text):
    services.note_change(desk.issue, "merged", "#7", "#1", by=desk.dev, now=clock.now())
    assert "Dora merged issue #7 into this one" in text(desk.viewer.get(desk.address))


def test_a_clock_that_was_put_right_is_told_and_is_no_failure(desk):
    notes = [{"rule": "clock", "problem": "device_clock_corrected", "seconds": 90}]
    page = page_of(desk, event(_crashdesk={"notes": notes}))
    assert "times are corrected by ours" in page
    assert "could not be understood" not in page


def test_notes_of_the_processor_are_shown_without_private_data(desk):
    page = page_of(desk, event(_crashdesk={"notes": [{"rule": "snapshot", "problem": "TypeError"}]}))
    assert "Parts of this report could not be understood" in page
    assert "snapshot: TypeError" in page


@pytest.mark.parametrize("address", ["/issues/FIELDBOOK-999/", "/issues/FIELDBOOK-0/", "/issues/fieldbook/"])
def test_an_unknown_issue_is_not_found(desk, address):
    assert desk.viewer.get(address).status_code == 404


def test_names_are_found_in_either_case(desk):
    assert desk.viewer.get(desk.address.replace("FIELDBOOK", "fieldbook")).status_code == 200


def test_the_events_page_lists_events_newest_first(desk, text):
    _, newer = a_stored_event(desk.project.pk, event(timestamp=1_767_225_999.0))
    page = text(desk.viewer.get(f"{desk.address}events/"))
    assert page.index(newer.event_id.hex) < page.index(desk.event.event_id.hex)


def test_a_person_who_is_no_member_is_not_offered_as_assignee(desk, text):
    a_person("outside@example.org")
    assert "outside@example.org" not in text(desk.developer.get(desk.address))
