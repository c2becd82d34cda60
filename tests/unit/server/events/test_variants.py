"""Which events of one issue count as of different kinds."""

from crashdesk.server.events.variants import variant_of
from support.events import event, frame, raised

WAY = [frame("shop.desk", "handle"), frame("shop.cart", "total")]


def test_the_same_way_and_system_are_one_kind_whatever_the_data():
    first = event(raised(frames=WAY), user={"id": "1"}, contexts={"os": {"name": "Linux", "version": "6.1"}})
    again = event(raised(value="other", frames=WAY), contexts={"os": {"name": "Linux", "version": "6.1"}})
    assert variant_of(first) == variant_of(again)


def test_another_way_or_system_is_another_kind():
    kinds = [
        event(raised(frames=WAY)),
        event(raised(frames=WAY[:1])),
        event(raised(frames=WAY), contexts={"os": {"name": "Windows"}}),
        event(raised(frames=WAY), raised("TypeError", frames=WAY[1:])),
    ]
    assert len({variant_of(found) for found in kinds}) == 4


def test_odd_parts_make_no_trouble_and_a_small_number():
    for odd in ({}, {"exception": 3}, {"exception": [{"stacktrace": []}]}, {"contexts": {"os": {"name": "\ud800"}}}):
        assert 0 <= variant_of(odd) < 2**31
