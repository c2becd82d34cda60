from uuid import uuid4

from crashdesk.server.events import queries
from support.events import event, frame, raised
from support.stored import a_stored_event, a_stored_file, stored_words


def page_of(desk, body):
    issue, stored = a_stored_event(desk.project.pk, body)
    return f"/issues/FIELDBOOK-{issue.number}/events/{stored.event_id.hex}/"


def test_the_page_shows_tags_facts_user_and_extra(desk, text):
    body = event(
        tags={"qt": "6.11"},
        user={"id": "u-7", "email": "ann@example.org"},
        extra={"rows": 12},
        dist="b77",
        sdk={"name": "sentry.python", "version": "2.75"},
    )
    page = text(desk.viewer.get(page_of(desk, body)))
    for said in ("qt", "6.11", "ann@example.org · u-7", "rows", "b77", "sentry.python 2.75"):
        assert said in page


def test_variables_are_there_on_demand(desk, text):
    shown = frame("fieldbook.table", "f", vars={"row": "7"})
    page = text(desk.viewer.get(page_of(desk, event(raised(frames=[shown])))))
    assert "1 variable" in page
    assert "<dt>row</dt><dd>7</dd>" in page


def test_the_neighbours_of_an_event_are_one_click_away(desk, text):
    _, newer = a_stored_event(desk.project.pk, event(timestamp=1_767_225_999.0))
    older_page = text(desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/"))
    assert f"{desk.address}events/{newer.event_id.hex}/" in older_page
    assert "Older" not in older_page


def test_an_event_is_found_by_its_id_alone(desk):
    answer = desk.viewer.get(f"/events/{desk.event.event_id}/")
    assert answer["Location"] == f"{desk.address}events/{desk.event.event_id.hex}/"
    assert desk.viewer.get(f"/events/{uuid4().hex}/").status_code == 404
    assert desk.viewer.get("/events/nonsense/").status_code == 404


def test_an_event_of_another_issue_is_not_found_below_this_one(desk):
    _, other = a_stored_event(desk.project.pk, event(raised("IndexError", frames=[frame("fieldbook.b", "g")])))
    assert desk.viewer.get(f"{desk.address}events/{other.event_id.hex}/").status_code == 404


def test_words_and_files_of_the_event_are_listed(desk, text):
    a_stored_file(desk.project.pk, desk.event.event_id, "fieldbook.log", b"x" * 12_000)
    stored_words(desk.project.pk, "It closed", issue=desk.issue, event_id=desk.event.event_id)
    page = text(desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/"))
    assert "fieldbook.log" in page
    assert "12 KB" in page
    assert "It closed" in page


def test_a_lost_body_is_said_and_the_counted_facts_are_shown(desk, text):
    type(desk.event).objects.filter(event_id=desk.event.event_id).update(body="9:9:9")
    page = text(desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/"))
    assert "The body of this event cannot be read at the moment." in page
    assert "fieldbook@2.4.0" in page
    assert desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/json/").status_code == 404


def test_details_that_are_no_longer_kept_are_said_with_a_way_to_kept_ones(desk, text):
    _, kept = a_stored_event(desk.event.project_id, queries.body(desk.event) | {"event_id": "b" * 32})
    type(desk.event).objects.filter(event_id=desk.event.event_id).update(body="")
    answer = desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/")
    assert "The details of this event are no longer kept." in text(answer)
    assert f"events/{kept.event_id.hex}/" in answer.content.decode()
    assert text(desk.viewer.get(desk.address)).count("no longer kept") == 0


def test_the_raw_event_is_json_to_save(desk):
    answer = desk.viewer.get(f"{desk.address}events/{desk.event.event_id.hex}/json/")
    assert answer.json()["event_id"] == desk.event.event_id.hex
    assert answer["Content-Disposition"].startswith("attachment;")


def stack_of(desk, text, went_on, **about):
    mechanism = {"type": "excepthook", "handled": False}
    contexts = {"crashdesk": {"program_went_on": went_on, **about}}
    page = text(desk.viewer.get(page_of(desk, event(raised(mechanism=mechanism), contexts=contexts))))
    return page[page.index('id="stack"') : page.index('id="trail"')]


def test_the_stack_says_whether_the_product_went_on(desk, text):
    assert "nobody caught it" in stack_of(desk, text, True, kind="python")
    assert "the product went on" in stack_of(desk, text, True, kind="python")
    assert "the product ended" in stack_of(desk, text, False, kind="python")


def test_of_a_crash_and_a_hang_nobody_asks_who_caught_it(desk, text):
    for kind in ("native", "hang"):
        assert "caught" not in stack_of(desk, text, False, kind=kind)


def test_a_crash_read_from_a_minidump_says_what_is_shown_and_where_the_dump_is(desk, text):
    of_dump = {"type": "minidump", "handled": False}
    place = frame("libffi", "libffi.so.8+0x6f7a")
    page = text(desk.viewer.get(page_of(desk, event(raised(frames=[place], mechanism=of_dump)))))
    assert "Its threads are not unwound here" in page
    assert "among the attachments of the event" in page
    page = text(desk.viewer.get(page_of(desk, event(raised(frames=[], mechanism=of_dump)))))
    assert "The minidump of this crash could not be read." in page


def test_other_failures_speak_of_no_dump(desk, text):
    assert "minidump" not in text(desk.viewer.get(page_of(desk, event(raised()))))
