import pytest
from django.db import OperationalError
from django.urls import reverse

from crashdesk.errors import StorageError
from crashdesk.server.events.models import Event, FailedReport
from support.events import event
from support.reports import an_envelope, event_item
from support.stored import a_failed_report

AGAIN = reverse("failed_again", args=["fieldbook"])


def a_good_one(desk, reason="KeyError"):
    """Store a report that failed and would not fail today."""
    return a_failed_report(desk.project.pk, reason, an_envelope(event_item(event())).to_bytes())


def events_of(desk):
    return Event.objects.filter(project_id=desk.project.pk).count() - 1  # the desk's own


def test_a_report_is_tried_again_alone(desk, text):
    chosen, _ = a_good_one(desk), a_good_one(desk)
    page = text(desk.developer.post(AGAIN, {"report": chosen.id, "which": "one"}, follow=True))
    assert "1 report is processed now." in page
    assert (events_of(desk), FailedReport.objects.count()) == (1, 1)


def test_all_with_the_same_reason_are_tried_again(desk, text):
    chosen, _, other = a_good_one(desk), a_good_one(desk), a_good_one(desk, "MemoryError")
    page = text(desk.developer.post(AGAIN, {"report": chosen.id, "which": "same"}, follow=True))
    assert "2 reports are processed now." in page
    assert [row.id for row in FailedReport.objects.all()] == [other.id]


def test_what_fails_again_says_how_often(desk, text):
    report = a_failed_report(desk.project.pk, raw=b"nonsense")
    page = text(desk.developer.post(AGAIN, {"report": report.id}, follow=True))
    assert "1 report failed again. It stays here" in page
    assert "failed 1 more time" in page
    assert "not_an_envelope" in page


def test_a_viewer_may_look_and_not_try(desk, text):
    report = a_good_one(desk)
    assert AGAIN not in text(desk.viewer.get(reverse("failed")))
    assert desk.viewer.post(AGAIN, {"report": report.id}).status_code == 403
    assert FailedReport.objects.count() == 1


def test_a_stranger_finds_nothing_to_try(desk):
    report = a_good_one(desk)
    assert desk.stranger.post(AGAIN, {"report": report.id}).status_code == 404
    desk.stranger.post(reverse("failed_again", args=["elsewhere"]), {"report": report.id})
    assert FailedReport.objects.count() == 1


def test_an_odd_number_is_refused(desk):
    for odd in ("", "x", "-1", "9" * 30, "²"):
        assert desk.developer.post(AGAIN, {"report": odd}).status_code == 400
    assert desk.developer.get(AGAIN).status_code == 405


@pytest.mark.parametrize("trouble", [OperationalError, StorageError])
def test_trouble_with_the_disk_is_told_and_costs_nothing(desk, text, monkeypatch, trouble):
    def full(*_, **__):
        raise trouble("full")

    report = a_good_one(desk)
    monkeypatch.setattr("crashdesk.server.processor.reprocessing.store", full)
    page = text(desk.developer.post(AGAIN, {"report": report.id}, follow=True))
    assert "Nothing can be stored at the moment" in page
    assert FailedReport.objects.count() == 1


def test_a_reason_is_told_in_a_sentence_beside_its_name(desk, text):
    a_failed_report(desk.project.pk, "not_readable")
    page = text(desk.viewer.get(reverse("failed")))
    assert "The payload is not JSON." in page
    assert "not_readable" in page
