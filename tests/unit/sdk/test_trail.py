"""The trail of a run, in memory and on the disk."""

from pathlib import Path

import pytest

from crashdesk import clock
from crashdesk.sdk import trail
from crashdesk.sdk.trail import Trail, TrailFile, read_file


def as_it_is(value: object) -> object:
    return value


@pytest.fixture
def file(tmp_path: Path, monkeypatch) -> TrailFile:
    frozen = clock.FrozenClock()
    monkeypatch.setattr(trail.clock, "monotonic", frozen.monotonic)
    made = TrailFile(tmp_path / "trail.jsonl", as_it_is)
    made.clock = frozen
    return made


def test_only_the_newest_are_kept():
    ring = Trail(size=2)
    for number in range(5):
        ring.add({"message": number})
    assert [crumb["message"] for crumb in ring.values()] == [3, 4]


def test_a_trail_of_no_size_keeps_and_writes_nothing(tmp_path: Path, file: TrailFile):
    ring = Trail(size=0)
    ring.copy = file
    ring.add({"message": "x"})
    assert ring.values() == []
    assert read_file(tmp_path / "trail.jsonl") == []


def test_the_copy_is_scrubbed_and_private(tmp_path: Path):
    path = tmp_path / "trail.jsonl"
    file = TrailFile(path, lambda crumb: {**crumb, "message": "[removed]"})
    file.append({"message": "secret"})
    file.close()
    assert read_file(path) == [{"message": "[removed]"}]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_chatty_second_is_written_in_part(tmp_path: Path, file: TrailFile):
    for number in range(trail.WRITES_A_SECOND + 100):
        file.append({"message": number})
    file.clock.advance(1)
    file.append({"message": "next second"})
    written = read_file(tmp_path / "trail.jsonl")
    assert len(written) == trail.WRITES_A_SECOND + 1
    assert written[-1] == {"message": "next second"}


def test_a_full_file_begins_anew_with_the_newest(tmp_path: Path, file: TrailFile):
    for number in range(1000):
        file.append({"message": f"{number} {'x' * 500}"})
        file.clock.advance(1)
    written = read_file(tmp_path / "trail.jsonl")
    assert (tmp_path / "trail.jsonl").stat().st_size <= trail.FILE_BYTES
    assert written[-1]["message"].startswith("999 ")
    assert len(written) >= trail.LINES_KEPT


def test_a_torn_line_and_strange_lines_are_left_out(tmp_path: Path):
    path = tmp_path / "trail.jsonl"
    path.write_text('{"message": "whole"}\n[1]\nnonsense\n{"message": "to', "utf-8")
    assert read_file(path) == [{"message": "whole"}]


def test_a_missing_file_is_an_empty_trail(tmp_path: Path):
    assert read_file(tmp_path / "nothing") == []
