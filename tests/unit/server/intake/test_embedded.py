"""The intake of one machine: behind a cursor, and what happens when two meet over it."""

from contextlib import closing

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake.embedded import EmbeddedIntake
from crashdesk.server.intake.queue import IntakeWriter
from support.intakes import new_intake


def test_a_processor_that_finds_its_rows_done_by_another_commits_nothing(tmp_path):
    cursor = [0]
    first, second = (EmbeddedIntake(tmp_path / "intake", lambda: cursor[-1], cursor.append) for _ in range(2))
    with closing(IntakeWriter.open(tmp_path / "intake")) as writer:
        writer.append([new_intake(b"x")] * 2)
    with first.claim(1) as mine, second.claim(2) as others:
        first.finish(mine)
        with pytest.raises(StorageError, match="Another processor"):
            second.finish(others)
    assert cursor == [0, 1]
