from datetime import UTC, datetime, timedelta

import pytest

from crashdesk.server.events import ids
from crashdesk.server.events.ids import EPOCH, first_at, new_id, time_of

NOON = datetime(2027, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_counter(monkeypatch):
    monkeypatch.setattr(ids, "_last", 0)


def test_ids_grow_with_every_call_even_within_one_moment():
    found = [new_id(NOON) for _ in range(1000)]
    assert found == sorted(set(found))


def test_an_id_tells_when_it_was_given():
    later = NOON + timedelta(days=1, milliseconds=7)
    assert time_of(new_id(later)) == later


def test_a_clock_set_back_gives_no_smaller_id():
    before = new_id(NOON + timedelta(days=2))
    assert new_id(NOON) > before


def test_ids_of_a_time_range_lie_between_the_first_ids_of_its_ends():
    moment = NOON + timedelta(days=3)
    assert first_at(moment) <= new_id(moment) < first_at(moment + timedelta(milliseconds=1))


def test_ids_fit_a_signed_64_bit_column_for_a_lifetime():
    assert first_at(EPOCH + timedelta(days=365 * 60)) < 2**63
    assert first_at(EPOCH - timedelta(days=1)) == 0
    assert new_id(datetime.max.replace(tzinfo=UTC)) < 2**63
