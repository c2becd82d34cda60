"""Each row of the table of bugs is a real bug: reached by real input, without any crash reporting."""

import signal
import time

import pytest

from crashdesk.demo.fieldbook.bugs import BUGS, bug
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.searching import find_everywhere
from crashdesk.demo.fieldbook.start import HANG_SECONDS
from crashdesk.demo.fieldbook.steps import STEPS
from support.fieldbook import perform

RAISING = [row.name for row in BUGS if row.kind == "python" and row.name != "lost_export"]


@pytest.mark.parametrize("name", RAISING)
def test_raises_where_the_table_says_and_the_program_goes_on(name, tmp_path):
    run = perform(tmp_path / "data", name, "quit")
    assert run.returncode == 0
    assert f"performed {name}" in run.stdout
    traceback = run.stderr[run.stderr.index("Traceback") :].strip().splitlines()
    frames = [line for line in traceback if line.startswith("  File")]
    assert frames[-1].endswith(f"in {bug(name).function}")
    assert f"{bug(name).module}.py" in frames[-1]
    assert any(line.startswith(bug(name).exception_type) for line in traceback)
    assert run.stderr.count("Traceback") == 1


@pytest.mark.parametrize("round_number", range(3))
def test_the_outline_ends_the_process_by_a_segmentation_fault_every_time(round_number, tmp_path):
    run = perform(tmp_path / "data", "outline_pointer", "quit")
    assert run.returncode == -signal.SIGSEGV
    first_frame = next(line for line in run.stderr.splitlines() if line.startswith("  File"))
    assert first_frame.endswith("in heading")
    assert "demo/fieldbook/driver.py" not in run.stderr


def test_the_export_fails_without_a_word(tmp_path):
    run = perform(tmp_path / "data", "lost_export", "quit")
    assert run.returncode == 0
    assert "KeyError" not in run.stderr
    assert not list((tmp_path / "data" / "exports").iterdir())


def test_the_search_takes_longer_than_the_hang_limit_and_comes_to_an_end(tmp_path):
    """That the window stands still meanwhile and then goes on is told by the journeys."""
    documents = Library(tmp_path / "data").documents
    begin = time.process_time()  # the start of a program on a busy machine is no hang
    find_everywhere("ringed * warbler", documents)
    assert HANG_SECONDS < time.process_time() - begin < 60


def test_the_index_error_comes_again_in_the_next_run(tmp_path):
    for _ in range(2):
        assert "IndexError" in perform(tmp_path / "data", "filtered_row", "quit").stderr


def test_every_bug_has_steps_and_its_module_says_so():
    import importlib

    for row in BUGS:
        assert row.name in STEPS
        module = importlib.import_module(f"crashdesk.demo.fieldbook.{row.module}")
        assert f"`{row.name}`" in (module.__doc__ or "")
