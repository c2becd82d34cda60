"""From the files of a dead run to an event."""

import json
from pathlib import Path

import pytest

from crashdesk.outbox import crash_files
from crashdesk.outbox.crash_files import Leftover, Run
from crashdesk.sdk import leftovers
from crashdesk.sdk.options import Options, checked

CRASH = """Fatal Python error: Aborted

Current thread 0x01 (most recent call first):
  File "/app/fieldbook/table.py", line 3 in draw
"""
FACTS = {
    "product": "P",
    "release": "p@1",
    "tags": {"a": "b"},
    "search_path": ["/app"],
    "snapshot": {"os": {"name": "X"}},
}


@pytest.fixture
def options() -> Options:
    return checked("https://key@host.example/7", release="p@2")


def dead_run(directory: Path, text: str = CRASH, **facts: object) -> Path:
    """Files as a process that is gone leaves them."""
    run = Run.begin(directory, {**FACTS, **facts})
    run.fault_file.write(text.encode())
    (run.directory / "trail.jsonl").write_text(json.dumps({"message": "step", "level": "info"}) + "\n")
    run.fault_file.close()
    run._lock.release()
    return run.directory


def found(directory: Path) -> list[Leftover]:
    return crash_files.leftovers(directory)


def test_it_says_how_a_dead_run_ended(tmp_path: Path, options: Options):
    dead_run(tmp_path)
    assert leftovers.report(found(tmp_path), options, lambda event: "id", allowed=True) == "native"


def test_release_tags_trail_and_snapshot_are_those_of_the_dead_run(tmp_path: Path, options: Options):
    dead_run(tmp_path)
    kept: list[dict] = []
    leftovers.report(found(tmp_path), options, kept.append, allowed=True)
    [event] = kept
    assert (event["release"], event["tags"], event["contexts"]["os"]) == ("p@1", {"a": "b"}, {"name": "X"})
    assert event["breadcrumbs"]["values"][0]["message"] == "step"
    entry = event["exception"]["values"][0]
    assert (entry["type"], entry["value"]) == ("SIGABRT", "Aborted in draw")
    assert entry["stacktrace"]["frames"][-1]["module"] == "fieldbook.table"
    assert event["contexts"]["crashdesk"]["kind"] == "native"


def test_made_again_it_is_the_same_event(tmp_path: Path, options: Options):
    dead_run(tmp_path)
    [leftover] = found(tmp_path)
    fault = leftovers.fault_text.parse(leftover.fault_text)
    ids = {leftovers.event_of(leftover, fault, options)["event_id"] for _ in range(2)}
    assert ids == {leftover.run_id}


def test_the_files_go_when_the_report_is_safe(tmp_path: Path, options: Options):
    run = dead_run(tmp_path)
    leftovers.report(found(tmp_path), options, lambda event: "id", allowed=True)
    assert not run.exists()


def test_the_files_stay_when_telling_fails(tmp_path: Path, options: Options, expected_logs):
    expected_logs("a run that died failed")
    run = dead_run(tmp_path)
    leftovers.report(found(tmp_path), options, lambda event: 1 / 0, allowed=True)
    assert run.exists()
    assert len(found(tmp_path)) == 1


def test_without_permission_nothing_is_told_and_the_files_go(tmp_path: Path, options: Options):
    run = dead_run(tmp_path)
    kept: list[dict] = []
    leftovers.report(found(tmp_path), options, kept.append, allowed=False)
    assert kept == []
    assert not run.exists()


def test_an_end_without_a_trace_is_remembered_and_not_told(tmp_path: Path, options: Options):
    dead_run(tmp_path, text="")
    kept: list[dict] = []
    assert leftovers.report(found(tmp_path), options, kept.append, allowed=True) == "abnormal"
    assert kept == []


def test_a_child_that_was_ended_says_nothing_about_the_product(tmp_path: Path, options: Options):
    dead_run(tmp_path, text="", is_child=True)
    assert leftovers.report(found(tmp_path), options, lambda event: None, allowed=True) is None


def test_the_last_words_of_qt_stand_behind_the_signal(tmp_path: Path, options: Options):
    run = dead_run(tmp_path)
    (run / "trail.jsonl").write_text(json.dumps({"message": "no platform plugin", "level": "fatal"}) + "\n")
    kept: list[dict] = []
    leftovers.report(found(tmp_path), options, kept.append, allowed=True)
    assert kept[0]["exception"]["values"][0]["value"] == "Aborted in draw: no platform plugin"
