import json
import os
import stat
import subprocess
import sys

import pytest

from crashdesk.outbox.crash_files import Run, leftovers

BEGIN = """
import faulthandler, os, resource, signal, sys
from pathlib import Path
from crashdesk.outbox.crash_files import Run
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
run = Run.begin(Path(sys.argv[1]), {"release": "2.4.0"})
faulthandler.enable(file=run.fault_file)
run.update({"step": "import"})
"""
ENDS = {
    "abort": "os.abort()",
    "segfault": "faulthandler._sigsegv()",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "os._exit": "os._exit(3)",
    "end": "run.end()",
}


def run_program(directory, end):
    return subprocess.run([sys.executable, "-c", BEGIN + ENDS[end], str(directory)], timeout=30, check=False)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "outbox"


@pytest.mark.parametrize("end", ["abort", "segfault"])
def test_a_native_crash_leaves_its_stack_and_facts(directory, end):
    run_program(directory, end)
    (leftover,) = leftovers(directory)
    assert "Current thread" in leftover.fault_text
    assert (leftover.facts["release"], leftover.facts["step"]) == ("2.4.0", "import")
    assert leftover.run_id == leftover.facts["run_id"]


@pytest.mark.parametrize("end", ["killed", "os._exit"])
def test_a_killed_process_leaves_facts_without_a_stack(directory, end):
    run_program(directory, end)
    (leftover,) = leftovers(directory)
    assert leftover.fault_text == ""
    assert leftover.facts["step"] == "import"


def test_a_clean_end_leaves_nothing(directory):
    assert run_program(directory, "end").returncode == 0
    assert leftovers(directory) == []
    assert list((directory / "runs").iterdir()) == []


def test_a_living_run_is_no_leftover(directory):
    run = Run.begin(directory, {})
    assert leftovers(directory) == []
    run.end()


def test_a_leftover_belongs_to_whoever_looked_first(directory):
    run_program(directory, "killed")
    (first,) = leftovers(directory)
    assert leftovers(directory) == []
    first.release()
    (second,) = leftovers(directory)
    second.remove()
    assert leftovers(directory) == []
    assert list((directory / "runs").iterdir()) == []


LOOK = """
import sys
from pathlib import Path
from crashdesk.outbox.crash_files import leftovers
found = leftovers(Path(sys.argv[1]))
print(len(found), flush=True)
sys.stdin.readline()
for leftover in found:
    leftover.remove()
"""


def test_two_processes_that_look_at_once_share_the_leftovers(directory):
    for _ in range(6):
        run_program(directory, "killed")
    command = [sys.executable, "-c", LOOK, str(directory)]
    lookers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = [int(looker.stdout.readline()) for looker in lookers]
    for looker in lookers:
        looker.communicate("go\n", timeout=30)
    assert sum(found) == 6
    assert list((directory / "runs").iterdir()) == []


def test_a_forked_child_leaves_its_parents_run_alone(directory):
    run = Run.begin(directory, {"whose": "parent"})
    child = os.fork()
    if child == 0:
        run.update({"whose": "child"})
        run.end()
        os._exit(0)
    os.waitpid(child, 0)
    assert json.loads((run.directory / "facts.json").read_text())["whose"] == "parent"
    run.end()


def test_run_files_are_for_this_user_alone(directory):
    before = os.umask(0)
    try:
        run = Run.begin(directory, {})
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in directory.rglob("*")}
    assert modes == {0o700, 0o600}
    run.end()


def test_a_half_written_run_is_removed(directory):
    run_program(directory, "killed")
    (facts,) = directory.glob("runs/*/facts.json")
    facts.write_text('{"half":')
    assert leftovers(directory) == []
    assert list((directory / "runs").iterdir()) == []


def test_removing_a_leftover_does_not_follow_links(directory, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("stays")
    run_program(directory, "killed")
    (leftover,) = leftovers(directory)
    (leftover.directory / "link").symlink_to(tmp_path / "precious")
    leftover.remove()
    assert (tmp_path / "precious" / "file").exists()
    assert not leftover.directory.exists()


def test_runs_begun_at_the_same_instant_have_names_of_their_own(directory):
    runs = [Run.begin(directory, {}) for _ in range(5)]
    assert len({run.directory for run in runs}) == 5
    assert len({run.run_id for run in runs}) == 5
    for run in runs:
        run.end()
