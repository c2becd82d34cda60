"""SQLite files of the server: what a sync says when the disk, or the process's limits, do not allow it."""

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake import sqlite


def test_a_file_that_is_not_there_needs_no_sync(tmp_path):
    sqlite.sync(tmp_path / "main.sqlite")


def test_a_file_that_cannot_be_opened_is_told_as_not_synced(tmp_path):
    (tmp_path / "main.sqlite").symlink_to(tmp_path / "another")
    with pytest.raises(StorageError, match=r"main\.sqlite cannot be synced"):
        sqlite.sync(tmp_path / "main.sqlite")
