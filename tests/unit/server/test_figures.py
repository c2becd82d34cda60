"""Figures that one process leaves for another."""

import pytest

from crashdesk.server import figures
from crashdesk.server.figures import Durations, Figures


def test_what_is_kept_is_read(tmp_path):
    kept = Figures()
    kept.counts["processed"] = 7
    kept.batches.observe(0.02)
    figures.keep(kept, tmp_path, "processor")
    assert figures.read(tmp_path, "processor") == kept
    assert (tmp_path / "figures-processor.json").stat().st_mode & 0o777 == 0o600


def test_there_are_none_before_anything_was_kept(tmp_path):
    assert figures.read(tmp_path, "processor") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"counts": {}, "batches": {"counts": [1], "seconds": 0}}', "\0"])
def test_a_file_that_is_not_ours_counts_as_none(tmp_path, text):
    (tmp_path / "figures-processor.json").write_text(text)
    assert figures.read(tmp_path, "processor") is None


def test_buckets_add_up():
    durations = Durations()
    for seconds in (0.001, 0.2, 100):
        durations.observe(seconds)
    assert [count for _, count in durations.buckets()][-1] == 3
    assert durations.seconds == pytest.approx(100.201)
