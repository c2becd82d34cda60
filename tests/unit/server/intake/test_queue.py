"""The queue between collector and processor: positions, commits, forgetting, what a damaged file does."""

import subprocess
import sys
from pathlib import Path

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake import sqlite
from crashdesk.server.intake.queue import FORGET_PORTION, IntakeReader, IntakeWriter, bring_up_to_date
from support.intakes import new_intake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "intake.sqlite"


@pytest.fixture
def writer(path: Path):
    writer = IntakeWriter.open(path)
    yield writer
    writer.close()


@pytest.fixture
def reader(path: Path, writer: IntakeWriter):
    reader = IntakeReader.open(path)
    yield reader
    reader.close()


def test_a_row_comes_back_as_it_was_put(writer, reader):
    new = new_intake(b"\x1f\x8b\x00 body", project_id=7, encoding="gzip", route="store", remote="192.0.2.9")
    writer.append([new])
    [row] = reader.after(0, 10)
    assert (row.position, row.project_id, row.encoding, row.route, row.remote) == (1, 7, "gzip", "store", "192.0.2.9")
    assert (row.body, row.envelope_id, row.received_at, row.key_id) == (
        new.body, new.envelope_id, new.received_at, new.key_id,
    )  # fmt: skip


def test_rows_come_oldest_first_behind_a_position_and_up_to_a_limit(writer, reader):
    writer.append([new_intake(bytes([number])) for number in range(5)])
    assert [row.body for row in reader.after(1, 3)] == [b"\x01", b"\x02", b"\x03"]


def test_waiting_counts_what_lies_behind_the_cursor(writer, reader):
    writer.append([new_intake(b"x")] * 3)
    assert (reader.waiting(0), reader.waiting(2), reader.waiting(3)) == (3, 1, 0)


def test_an_envelope_without_an_id_is_kept(writer, reader):
    writer.append([new_intake(b"{}", envelope_id=None)])
    assert reader.after(0, 1)[0].envelope_id is None


def test_positions_never_repeat_after_everything_was_forgotten(path, writer, reader):
    writer.append([new_intake(b"x")] * 3)
    writer.forget(3)
    writer.close()
    again = IntakeWriter.open(path)
    again.append([new_intake(b"y")])
    assert [row.position for row in reader.after(0, 10)] == [4]
    assert reader.received() == 4
    again.close()


def test_a_queue_begun_anew_gives_positions_beyond_the_processors_cursor(path):
    writer = IntakeWriter.open(path, beyond=41)
    writer.append([new_intake(b"x")])
    assert [row.position for row in IntakeReader.open(path).after(41, 10)] == [42]
    writer.close()


def test_a_cursor_behind_the_queue_changes_no_position(path, writer):
    writer.append([new_intake(b"x")] * 5)
    writer.close()
    again = IntakeWriter.open(path, beyond=2)
    again.append([new_intake(b"y")])
    assert IntakeReader.open(path).received() == 6
    again.close()


def test_forgetting_goes_portion_by_portion_and_spares_what_lies_behind(writer, reader):
    writer.append([new_intake(b"x")] * (FORGET_PORTION + 10))
    assert writer.forget(FORGET_PORTION + 5) == FORGET_PORTION
    assert writer.forget(FORGET_PORTION + 5) == 5
    assert writer.forget(FORGET_PORTION + 5) == 0
    assert reader.waiting(0) == 5


def test_a_batch_that_cannot_be_written_is_kept_in_no_part(writer, reader):
    broken = new_intake(b"x", envelope_id=object())
    with pytest.raises(StorageError, match="Nothing was accepted"):
        writer.append([new_intake(b"first"), broken])
    assert reader.after(0, 10) == []
    writer.append([new_intake(b"later")])
    assert [row.body for row in reader.after(0, 10)] == [b"later"]


def test_a_full_disk_is_said_and_heals_when_there_is_space(writer, reader):
    connection = writer._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StorageError, match="full"):
        writer.append([new_intake(b"x" * 100_000)])
    connection.execute("PRAGMA max_page_count=100000")
    writer.append([new_intake(b"x" * 100_000)])
    assert reader.waiting(0) == 1


def test_the_file_is_private_whatever_the_umask(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from crashdesk.server.intake.queue import IntakeWriter;"
        "os.umask(0); IntakeWriter.open(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "q.sqlite")], check=True)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_a_link_in_place_of_the_file_is_refused(tmp_path, path):
    (tmp_path / "elsewhere").touch()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="cannot be opened"):
        IntakeWriter.open(path)


def test_a_damaged_file_is_said(path):
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StorageError, match="cannot be opened"):
        IntakeWriter.open(path)


def test_reading_before_the_collector_began_is_said(path):
    with pytest.raises(StorageError, match="is the collector running"):
        IntakeReader.open(path)


def test_the_reader_cannot_write(path, writer, reader):
    with pytest.raises(sqlite.library().OperationalError):
        reader._connection.execute("DELETE FROM intake")


def test_commits_are_fully_synced_in_a_safe_journal(writer):
    mode = writer._connection.execute("PRAGMA journal_mode").fetchone()[0]
    full = writer._connection.execute("PRAGMA synchronous").fetchone()[0]
    assert (mode.upper(), full) == (sqlite.journal_mode(), 2)


def write_file_of_an_earlier_version(path):
    with sqlite.library().connect(path) as connection:
        connection.execute(
            "CREATE TABLE intake (position INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,"
            " key_id INTEGER NOT NULL, received_at REAL NOT NULL, envelope_id TEXT, encoding TEXT NOT NULL,"
            " route TEXT NOT NULL, remote TEXT NOT NULL, body BLOB NOT NULL)"
        )
        connection.execute("INSERT INTO intake VALUES (7, 1, 1, 0.5, NULL, '', 'envelope', '', x'7b7d')")
    connection.close()


def test_a_file_of_an_earlier_version_is_brought_up_to_date_and_keeps_its_rows(path):
    write_file_of_an_earlier_version(path)
    writer = IntakeWriter.open(path)
    writer.append([new_intake(b"", body_file="0a.body", items="event=1", content_type="text/plain")])
    reader = IntakeReader.open(path)
    rows = reader.after(0, 10)
    reader.close()
    writer.close()
    assert [(row.position, row.body, row.body_file, row.items, row.content_type) for row in rows] == [
        (7, b"{}", "", "", ""),
        (8, b"", "0a.body", "event=1", "text/plain"),
    ]


def test_a_file_of_an_earlier_version_is_read_after_its_update(path):
    write_file_of_an_earlier_version(path)
    with pytest.raises(StorageError, match="no such column"):
        IntakeReader.open(path)
    bring_up_to_date(path)
    bring_up_to_date(path)
    reader = IntakeReader.open(path)
    assert [row.position for row in reader.after(0, 10)] == [7]
    reader.close()


def test_where_no_file_is_none_is_made_by_an_update(path):
    bring_up_to_date(path)
    assert not path.exists()
