import os
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from crashdesk.server.processor.dumps.reader import DumpReader
from support.dumps import a_dump


@pytest.fixture
def reader():
    found = DumpReader()
    yield found
    found.close()


def ask(reader, content):
    with TemporaryFile() as file:
        file.write(content)
        return reader.facts(file)


def test_a_dump_is_read_by_another_process(reader):
    assert ask(reader, a_dump())["exception"]["thread_id"] == 7
    assert reader._child.pid != os.getpid()


def test_one_child_reads_many_dumps(reader):
    ask(reader, a_dump())
    first = reader._child.pid
    assert ask(reader, b"nonsense") is None
    assert ask(reader, a_dump()) is not None
    assert reader._child.pid == first


def test_a_child_that_dies_is_replaced(reader, expected_logs):
    expected_logs("its reader ended")
    ask(reader, a_dump())
    reader._child.kill()
    reader._child.wait()
    assert ask(reader, a_dump()) is None
    assert ask(reader, a_dump()) is not None


def test_a_child_that_takes_too_long_is_ended(expected_logs):
    expected_logs("its reader ended")
    reader = DumpReader(patience_seconds=0.0001)
    try:
        assert ask(reader, a_dump()) is None
        assert reader._child is None
    finally:
        reader.close()


def test_the_child_knows_no_secret_of_the_server(reader, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    ask(reader, a_dump())
    assert b"hunter2" not in Path(f"/proc/{reader._child.pid}/environ").read_bytes()


def test_the_child_has_little_memory_and_writes_nothing(reader):
    ask(reader, a_dump())
    lines = Path(f"/proc/{reader._child.pid}/limits").read_text().splitlines()
    limits = {line[:25].strip(): line[26:46].strip() for line in lines}
    assert limits["Max address space"] == str(512 * 1024 * 1024)
    assert limits["Max file size"] == "0"
