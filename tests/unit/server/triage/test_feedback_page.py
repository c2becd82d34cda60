from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import escape

from crashdesk.server.triage import feedback
from support.stored import a_stored_file, stored_words

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_unread_words_are_listed_newest_first(desk, text):
    stored_words(desk.project.pk, "the older", at=AT)
    stored_words(desk.project.pk, "the newer", at=AT + timedelta(hours=1), kind="idea")
    stored_words(desk.project.pk, "the read one", is_read=True)
    page = text(desk.viewer.get("/feedback/"))
    assert page.index("the newer") < page.index("the older")
    assert "the read one" not in page
    assert "the read one" in text(desk.viewer.get("/feedback/", {"show": "all"}))


def test_words_are_marked_as_read_and_back(desk):
    words = stored_words(desk.project.pk, "hello")
    for is_read, answer in ((True, "yes"), (False, "no")):
        done = desk.developer.post(
            f"/feedback/fieldbook/{words.id}/", {"is_read": answer, "next": "/feedback/?show=all"}
        )
        assert done["Location"] == "/feedback/?show=all"
        words.refresh_from_db()
        assert words.is_read is is_read


def test_unknown_words_cannot_be_marked(desk):
    assert desk.developer.post("/feedback/fieldbook/1/").status_code == 404


def test_words_lead_to_their_issue_and_event(desk, text):
    stored_words(desk.project.pk, "hello", issue=desk.issue, event_id=desk.event.event_id)
    page = text(desk.viewer.get("/feedback/"))
    assert f'href="{desk.address}"' in page
    assert f'href="{desk.address}events/{desk.event.event_id.hex}/"' in page


def test_words_about_an_event_that_has_not_arrived_say_so(desk, text):
    stored_words(desk.project.pk, "hello", event_id=desk.event.event_id)
    assert "about an event that has not arrived" in text(desk.viewer.get("/feedback/"))


def test_files_that_came_with_words_can_be_saved(desk, text):
    words = stored_words(desk.project.pk, "hello")
    a_stored_file(desk.project.pk, words.feedback_id, "shot.png", b"png")
    assert "Save shot.png (3 B)" in text(desk.viewer.get("/feedback/"))


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "<img src=x onerror=alert(1)>"])
def test_words_are_shown_as_text_whatever_they_hold(desk, text, hostile):
    stored_words(desk.project.pk, hostile, name=hostile, email=hostile[:50])
    page = text(desk.viewer.get("/feedback/"))
    assert f'<blockquote dir="auto">{escape(hostile)}</blockquote>' in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_an_empty_inbox_says_how_words_get_there(desk, text):
    assert "No unread feedback" in text(desk.viewer.get("/feedback/"))
    assert "crashdesk.sdk.open_feedback()" in text(desk.viewer.get("/feedback/", {"show": "all"}))


def test_the_inbox_is_paged(desk, text, monkeypatch):
    monkeypatch.setattr(feedback, "SIZE", 1)
    stored_words(desk.project.pk, "the older", at=AT)
    stored_words(desk.project.pk, "the newer", at=AT + timedelta(hours=1))
    first = desk.viewer.get("/feedback/")
    assert "the older" not in text(first)
    assert "the older" in text(desk.viewer.get("/feedback/", {"cursor": first.context["next_cursor"]}))
