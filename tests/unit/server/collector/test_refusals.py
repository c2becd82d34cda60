"""What was refused stands in the intake soon, each count once."""

import asyncio
import json

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.server.collector.committer import Committer
from crashdesk.server.collector.refusals import EVERY_SECONDS, Refusals
from crashdesk.server.intake.queue import IntakeReader, IntakeWriter
from support.intakes import new_intake

HOUR = 1_767_225_600


@pytest.fixture
def refusals():
    return Refusals(FrozenClock().timestamp)


def told(row) -> list:
    return json.loads(row.body)


def test_counts_are_told_by_project_hour_category_and_reason(refusals):
    refusals.add(1, {"event": 1, "attachment": 2}, "key_rate")
    refusals.add(1, {"event": 1}, "key_rate")
    refusals.add(2, {}, "encoding_broken")
    row = refusals.take(0.0)
    assert (row.route, row.key_id, row.items) == ("outcomes", 0, "")
    assert told(row) == [
        [1, HOUR, "error", "rate_limited", "key_rate", 2],
        [1, HOUR, "attachment", "rate_limited", "key_rate", 2],
        [2, HOUR, "default", "invalid", "encoding_broken", 1],
    ]


def test_a_row_comes_once_in_a_while_and_at_the_end(refusals):
    refusals.add(1, {}, "spike")
    assert refusals.take(0.0)
    refusals.done(is_stored=True)
    refusals.add(1, {}, "spike")
    assert refusals.take(EVERY_SECONDS - 0.1) is None
    assert refusals.take(EVERY_SECONDS - 0.1, is_last=True)


def test_what_could_not_be_stored_is_told_again_with_what_came_meanwhile(refusals):
    refusals.add(1, {"event": 1}, "spike")
    refusals.take(0.0)
    refusals.add(1, {"event": 1}, "spike")
    refusals.done(is_stored=False)
    assert told(refusals.take(100.0))[0][-1] == 2
    refusals.done(is_stored=True)
    assert refusals.take(200.0) is None


def test_the_collector_stores_them_with_a_later_commit_and_at_its_end(refusals, tmp_path):
    writer = IntakeWriter.open(tmp_path / "intake.sqlite")
    committer = Committer(writer, lambda: None, lambda: 0, refusals)
    committer.start()
    refusals.add(1, {"event": 1}, "key_rate")
    asyncio.run(committer.store(new_intake(b"x")))
    refusals.add(1, {"event": 1}, "spike")
    committer.stop()
    reader = IntakeReader.open(tmp_path / "intake.sqlite")
    rows = [row for row in reader.after(0, 10) if row.route == "outcomes"]
    reader.close()
    writer.close()
    assert sum(entry[-1] for row in rows for entry in told(row)) == 2
