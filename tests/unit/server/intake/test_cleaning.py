"""The intake's file forgets what was processed: when it is asked to, now and then by itself, never at others' cost."""

import pytest

from crashdesk.server.intake import cleaning, sqlite
from crashdesk.server.intake.queue import IntakeReader, IntakeWriter
from support.intakes import new_intake

SECRET = b"a secret that was processed " * 300


@pytest.fixture
def writer(tmp_path):
    found = IntakeWriter.open(tmp_path / "intake.sqlite")
    yield found
    found.close()


def content(tmp_path):
    return b"".join(path.read_bytes() for path in tmp_path.glob("intake.sqlite*"))


def test_a_forgotten_row_is_in_no_file_once_that_was_asked_for(writer, tmp_path):
    writer.append([new_intake(SECRET), new_intake(b"waits")])
    writer.forget(1)
    assert SECRET[:50] in content(tmp_path)
    cleaning.ask(tmp_path, 1)
    assert writer.clean()
    assert SECRET[:50] not in content(tmp_path)
    assert not cleaning.is_asked(tmp_path)


def test_it_waits_until_every_row_from_before_the_request_has_gone(writer, tmp_path):
    writer.append([new_intake(SECRET), new_intake(b"younger")])
    cleaning.ask(tmp_path, 2)
    writer.forget(1)
    assert not writer.clean()
    assert cleaning.is_asked(tmp_path)
    writer.forget(2)
    assert writer.clean()


def test_nothing_is_rewritten_without_a_reason(writer, tmp_path):
    writer.append([new_intake(SECRET)])
    assert not writer.clean()


def test_now_and_then_it_happens_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(cleaning, "EVERY_SECONDS", 0.0)
    writer = IntakeWriter.open(tmp_path / "intake.sqlite")
    writer.append([new_intake(SECRET)])
    writer.forget(1)
    assert writer.clean()
    assert SECRET[:50] not in content(tmp_path)
    writer.close()


def test_many_waiting_rows_are_not_copied_only_because_it_is_time(tmp_path, monkeypatch):
    monkeypatch.setattr(cleaning, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(cleaning, "MOST_ROWS", 2)
    writer = IntakeWriter.open(tmp_path / "intake.sqlite")
    writer.append([new_intake(b"x")] * 3)
    assert not writer.clean()
    writer.close()


def test_a_reader_is_not_waited_for(writer, tmp_path):
    writer.append([new_intake(SECRET), new_intake(b"waits")])
    writer.forget(1)
    cleaning.ask(tmp_path, 1)
    reading = sqlite.open_for_reading(tmp_path / "intake.sqlite")
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM intake").fetchone()
    assert not writer.clean()
    reading.execute("COMMIT")
    assert writer.clean()
    reading.close()


def test_positions_and_rows_stay(writer, tmp_path):
    writer.append([new_intake(b"first"), new_intake(b"second")])
    writer.forget(1)
    cleaning.ask(tmp_path, 1)
    assert writer.clean()
    writer.append([new_intake(b"third")])
    reader = IntakeReader.open(tmp_path / "intake.sqlite")
    assert [(row.position, row.body) for row in reader.after(0, 10)] == [(2, b"second"), (3, b"third")]
    reader.close()
