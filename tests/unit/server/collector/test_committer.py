"""Group commit: everybody is told once it is safe, one commit for all who gathered, failures told to all of them."""

import asyncio
import threading

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.collector import committer as committer_module
from crashdesk.server.collector.committer import Committer
from crashdesk.server.intake.queue import IntakeReader, IntakeWriter
from support.intakes import new_intake
from support.waiting import until


class Gate:
    """A writer whose commits wait until they are let through, and count."""

    def __init__(self, writer: IntakeWriter) -> None:
        self.writer = writer
        self.sizes: list[int] = []
        self.is_open = threading.Event()
        self.failure: StorageError | None = None
        self.forgotten: list[int] = []

    def append(self, news):
        self.sizes.append(len(news))
        assert self.is_open.wait(20)
        if self.failure:
            raise self.failure
        self.writer.append(news)

    def forget(self, position):
        self.forgotten.append(position)
        return self.writer.forget(position)

    def clean(self):
        return self.writer.clean()


@pytest.fixture
def gate(tmp_path):
    writer = IntakeWriter.open(tmp_path / "intake.sqlite")
    yield Gate(writer)
    writer.close()


@pytest.fixture
def reader(tmp_path, gate):
    reader = IntakeReader.open(tmp_path / "intake.sqlite")
    yield reader
    reader.close()


def started(gate, wake=lambda: None, cursor=lambda: 0) -> Committer:
    committer = Committer(gate, wake, cursor)
    committer.start()
    return committer


async def store_many(committer, gate, count):
    """Let one commit begin, gather `count` reports behind it, then let commits through."""
    first = asyncio.create_task(committer.store(new_intake(b"first")))
    await asyncio.to_thread(until, lambda: gate.sizes)
    rest = [asyncio.create_task(committer.store(new_intake(b"rest"))) for _ in range(count)]
    await asyncio.sleep(0)
    gate.is_open.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


def test_what_gathers_during_a_commit_goes_into_the_next_one_together(gate, reader):
    committer = started(gate)
    assert asyncio.run(store_many(committer, gate, 50)) == [None] * 51
    committer.stop()
    assert gate.sizes == [1, 50]
    assert reader.waiting(0) == 51


def test_nobody_is_told_before_the_commit(gate, reader):
    committer = started(gate)

    async def impatient():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(committer.store(new_intake(b"x")), 0.05)

    asyncio.run(impatient())
    assert reader.waiting(0) == 0
    gate.is_open.set()
    committer.stop()
    assert reader.waiting(0) == 1  # its sender has gone, the report is kept all the same


def test_a_failed_commit_is_told_to_all_who_waited_for_it(gate, reader, expected_logs):
    expected_logs("answered with 503")
    gate.failure = StorageError("disk full")
    committer = started(gate)
    results = asyncio.run(store_many(committer, gate, 3))
    assert [str(result) for result in results] == ["disk full"] * 4
    assert committer.last_commit_failed
    gate.failure = None
    asyncio.run(committer.store(new_intake(b"x")))
    committer.stop()
    assert not committer.last_commit_failed
    assert reader.waiting(0) == 1


def test_the_processor_is_woken_after_each_commit_and_not_before(gate, reader):
    seen = []
    committer = started(gate, wake=lambda: seen.append(reader.waiting(0)))
    gate.is_open.set()
    asyncio.run(committer.store(new_intake(b"x")))
    until(lambda: seen)
    committer.stop()
    assert seen == [1]


def test_rows_are_forgotten_up_to_what_the_processor_safely_stored(gate, reader):
    gate.is_open.set()
    committer = started(gate, cursor=lambda: 2)
    asyncio.run(store_many(committer, gate, 4))
    until(lambda: gate.forgotten)
    committer.stop()
    assert set(gate.forgotten) == {2}
    assert min(row.position for row in reader.after(0, 10)) == 3


def test_a_cursor_that_cannot_be_read_costs_nothing_but_a_warning(gate, reader, expected_logs, monkeypatch):
    expected_logs("position cannot be read")
    monkeypatch.setattr(committer_module, "FORGET_EVERY_SECONDS", 0.01)

    def away():
        raise StorageError("The processor's position cannot be read.")

    gate.is_open.set()
    committer = started(gate, cursor=away)
    asyncio.run(committer.store(new_intake(b"x")))
    committer.stop()
    assert reader.waiting(0) == 1
