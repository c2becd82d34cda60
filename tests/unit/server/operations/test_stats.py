"""The figures of a server: an account that adds up, sizes, waiting, processes."""

import json
import os
from dataclasses import replace

import pytest

from crashdesk import clock
from crashdesk.server.intake.queue import IntakeWriter
from crashdesk.server.operations import stats
from crashdesk.server.outcomes.services import RECEIVED, Counted, count
from crashdesk.server.projects.models import Project
from support.intakes import new_intake
from support.rows import NOON, an_event, an_issue


@pytest.fixture(autouse=True)
def _here(data, settings):
    settings.CRASHDESK_DATA = data


def test_a_fresh_server_has_a_project_and_nothing_else(data):
    found = stats.gather(data)
    assert [(row["project"], row["events"], row["account"]) for row in found["projects"]] == [("fieldbook", 0, [])]
    assert (found["bytes_per_event"], found["oldest_waiting_seconds"], found["processes"]) == (None, None, [])
    json.dumps(found)


def test_received_is_stored_and_dropped_and_waiting(data):
    project_id = Project.objects.get().pk
    count(
        [
            Counted(project_id, NOON, "error", RECEIVED, quantity=3),
            Counted(project_id, NOON, "error", "accepted", quantity=2),
            Counted(project_id, NOON, "error", "rate_limited", "key_rate"),
        ]
    )
    writer = IntakeWriter.open(data / "intake.sqlite")
    writer.append([replace(new_intake(b"x", items="event=1", project_id=project_id), received_at=clock.timestamp())])
    writer.close()
    found = stats.gather(data)
    assert found["projects"][0]["account"] == [
        {"category": "error", "received": 4, "stored": 2, "dropped": {"key_rate": 1}, "waiting": 1, "difference": 0}
    ]
    assert 0 <= found["oldest_waiting_seconds"] < 60


def test_the_words_for_people_hold_the_sums(data):
    project_id = Project.objects.get().pk
    an_event(project_id, an_issue(project_id).id)
    count([Counted(project_id, NOON, "error", RECEIVED, quantity=3), Counted(project_id, NOON, "error", "accepted")])
    words = "\n".join(stats.in_words(stats.gather(data)))
    assert "fieldbook: 1 events in 1 issues" in words
    assert "error: 3 received = 1 stored + 0 dropped + 0 waiting" in words
    assert "error: a difference of 2: run crashdesk server check" in words


def test_processes_are_told_with_their_memory(data, noted):
    noted("web", state="ready", pid=os.getpid(), restarts=1)
    (process,) = stats.gather(data)["processes"]
    assert process["part"] == "web"
    assert process["memory_bytes"] > 1_000_000


def test_a_process_that_has_gone_has_no_memory():
    assert stats.memory_of(2**22 + 1) is None
