"""A data directory whose main database is that of the test."""

import fcntl
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashdesk import settings
from crashdesk.server.installation import Installation, prepare_directory
from support.rows import a_project


@pytest.fixture
def data(tmp_path, monkeypatch, db) -> Path:
    """A server's directory; its tables are those of the test's own database, with the project fieldbook."""
    monkeypatch.setattr(settings, "_of_process", dict(settings._of_process))
    prepare_directory(tmp_path / "desk")
    Installation.new(tmp_path / "desk", "https://crashes.example.org", "main").write()
    a_project()
    return tmp_path / "desk"


@pytest.fixture
def noted(data) -> Iterator[Callable[..., None]]:
    """Note a part of the server as its supervisor does, and hold its role."""
    held = []

    def note(part: str, **facts: object) -> None:
        held.append((data / f"{part}.lock").open("w"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
        (data / "status.json").write_text(json.dumps({part: facts}))

    yield note
    for file in held:
        file.close()
