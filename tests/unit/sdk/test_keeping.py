"""Reports on their way into the outbox, and while it cannot be used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import StorageError
from crashdesk.outbox.store import NewReport, Outbox, State
from crashdesk.sdk import keeping
from crashdesk.sdk.keeping import HELD_REPORTS, TRY_AGAIN_SECONDS, Keeper
from crashdesk.sdk.losses import Losses


class Place:
    """A directory that can be made unusable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_broken = False
        self.asked = 0

    def __call__(self) -> Path:
        self.asked += 1
        if self.is_broken:
            raise StorageError("The folder is on a disk that is full.")
        return self.path


@pytest.fixture
def frozen(monkeypatch) -> FrozenClock:
    made = FrozenClock()
    monkeypatch.setattr(keeping.clock, "monotonic", made.monotonic)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def keeper(place: Place, frozen: FrozenClock) -> Iterator[Keeper]:
    made = Keeper(place, Losses("dsn"))
    yield made
    made.close()


def report(number: int = 1, size: int = 10) -> NewReport:
    return NewReport(
        event_id=f"{number:032x}",
        kind="python",
        category="error",
        title="title",
        likeness="1-0",
        envelope=b"x" * size,
        dsn="dsn",
        state=State.READY,
    )


def stored(place: Place) -> list[str]:
    outbox = Outbox.open(place.path)
    try:
        return [kept.event_id for kept in outbox.reports()]
    finally:
        outbox.close()


def test_a_report_is_stored_when_put_returns(keeper: Keeper, place: Place):
    assert keeper.put(report())
    assert stored(place) == [report().event_id]


def test_trouble_is_told_once_and_the_report_waits(keeper: Keeper, place: Place, expected_logs: Callable[[str], None]):
    expected_logs("disk that is full. Reports are kept in memory until it can")
    place.is_broken = True
    assert not keeper.put(report(1))
    assert not keeper.put(report(2))
    assert not keeper.retry()


def test_what_waited_is_stored_with_the_next_report(keeper: Keeper, place: Place, frozen: FrozenClock, expected_logs):
    expected_logs("Reports are kept in memory")
    place.is_broken = True
    keeper.put(report(1))
    place.is_broken = False
    frozen.advance(TRY_AGAIN_SECONDS + 1)
    keeper.put(report(2))
    assert sorted(stored(place)) == [report(1).event_id, report(2).event_id]
    assert keeper.retry()


def test_a_broken_place_is_not_tried_at_every_report(keeper: Keeper, place: Place, expected_logs):
    expected_logs("Reports are kept in memory")
    place.is_broken = True
    for number in range(10):
        keeper.put(report(number))
    assert place.asked == 1


@pytest.mark.parametrize(("number", "size"), [(HELD_REPORTS + 5, 10), (10, keeping.HELD_BYTES // 5 + 1)])
def test_what_waits_is_bounded_and_the_oldest_is_counted_as_lost(
    keeper: Keeper, place: Place, frozen: FrozenClock, expected_logs, number: int, size: int
):
    expected_logs("Reports are kept in memory")
    place.is_broken = True
    for each in range(number):
        keeper.put(report(each, size))
    place.is_broken = False
    frozen.advance(TRY_AGAIN_SECONDS + 1)
    keeper.retry()
    keeper.write_losses()
    outbox = Outbox.open(place.path)
    [lost] = outbox.drops()
    assert (lost.reason, lost.quantity + outbox.count(State.READY)) == ("queue_overflow", number)
    outbox.close()


def test_facts_are_shared_with_the_agent(keeper: Keeper, place: Place):
    keeper.set_fact("restart_command", ["a"])
    outbox = Outbox.open(place.path)
    assert outbox.fact("restart_command") == ["a"]
    outbox.set_fact("consent", "refused")
    outbox.close()
    assert keeper.fact("consent") == "refused"


def test_without_an_outbox_no_fact_is_known(keeper: Keeper, place: Place, expected_logs):
    expected_logs("Reports are kept in memory")
    place.is_broken = True
    assert keeper.fact("consent") is None
    keeper.set_fact("x", 1)


def test_a_child_does_not_keep_what_its_parent_holds(keeper: Keeper, place: Place, expected_logs):
    expected_logs("Reports are kept in memory")
    place.is_broken = True
    keeper.put(report())
    keeper.after_fork()
    assert keeper.retry()
