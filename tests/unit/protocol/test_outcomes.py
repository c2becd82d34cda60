"""Outcomes and client reports."""

from datetime import UTC, datetime

import pytest

from crashdesk.protocol.envelope import Envelope
from crashdesk.protocol.outcomes import OUTCOMES, REASONS, ClientReport, Discard, Outcome, describe
from support import samples


def test_every_outcome_and_reason_is_described():
    assert set(OUTCOMES) == set(Outcome)
    assert all(text.endswith(".") for text in (*OUTCOMES.values(), *(reason.description for reason in REASONS)))
    assert len({reason.name for reason in REASONS}) == len(REASONS)


def test_a_reason_that_another_client_made_up_has_no_description():
    assert describe("by_person")
    assert describe("solar_flare") == ""


def test_a_recorded_report_is_read():
    report = ClientReport.parse(Envelope.parse(samples.sample("11").unpacked).items[0].json())
    assert report.discarded == (Discard("before_send", "error", 1),)
    assert report.at is not None


def test_what_is_built_is_read_back():
    report = ClientReport((Discard("expired", "error", 3),), datetime(2026, 1, 1, tzinfo=UTC))
    assert ClientReport.parse(report.to_item().json()) == report


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {"discarded_events": "x"},
        {"discarded_events": [7, {"reason": "x"}]},
        {"discarded_events": [{"reason": "x", "category": "error", "quantity": -1}]},
        {"discarded_events": [{"reason": "x", "category": "error", "quantity": 2**60}]},
    ],
)
def test_what_is_not_readable_counts_nothing(payload):
    assert ClientReport.parse(payload).discarded == ()
