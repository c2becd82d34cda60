"""From this machine's file to the intake of all nodes: in order, each row once, whatever PostgreSQL does meanwhile."""

import signal
from contextlib import closing, contextmanager
from importlib import import_module

import pytest

from crashdesk import clock
from crashdesk.server.intake.blobs import Place, open_blobs
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.mover import Mover, Route
from crashdesk.server.intake.queue import IntakeWriter
from crashdesk.server.intake.table import CHANNEL
from crashdesk.server.processor import waking
from support.intakes import new_intake
from support.postgres import own_cluster
from support.waiting import until

TABLES = import_module("crashdesk.server.events.migrations.0004_postgres")


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL of this module's own, with the tables of the intake."""
    with own_cluster() as found:
        found.run(TABLES._INTAKE)
        found.run(TABLES._MARKER)
        yield found


@pytest.fixture
def postgres(server):
    server.run("TRUNCATE intake, intake_marker")
    return server


@pytest.fixture
def writer(tmp_path):
    with closing(IntakeWriter.open(tmp_path / "intake.sqlite", bodies=Incoming(tmp_path))) as found:
        yield found


@contextmanager
def moving(tmp_path, url, handed_on=lambda: None):
    """Run a mover of the file in `tmp_path`."""
    blobs = open_blobs(Place(tmp_path / "blobs"))
    mover = Mover(Route(tmp_path / "intake.sqlite", Incoming(tmp_path), url, lambda: blobs), handed_on)
    mover.start()
    try:
        yield mover
    finally:
        mover.stop()


def add(writer, *numbers):
    writer.append([new_intake(bytes([number])) for number in numbers])


def there(postgres):
    return [bytes(body)[0] for (body,) in postgres.run("SELECT body FROM intake ORDER BY position")]


def test_rows_go_over_in_their_order_and_may_be_forgotten_then(postgres, tmp_path, writer):
    add(writer, *range(5))
    with moving(tmp_path, postgres.url()) as mover:
        until(lambda: mover.position() == 5, 10, "the rows to be handed on")
        add(writer, 5, 6)
        mover.wake()
        until(lambda: mover.position() == 7, 10, "the rows to be handed on")
    assert there(postgres) == list(range(7))
    assert writer.forget(7) == 7


def test_what_was_handed_on_is_not_handed_on_again_by_the_next_start(postgres, tmp_path, writer):
    add(writer, 1)
    for number in (2, 3):
        with moving(tmp_path, postgres.url()) as mover:
            until(lambda mover=mover: mover.position(), 10, "the mark to be known")
        add(writer, number)
    assert there(postgres) == [1, 2]


def test_a_stop_hands_on_what_is_there(postgres, tmp_path, writer):
    with moving(tmp_path, postgres.url()) as mover:
        until(lambda: mover.position() is not None, 10, "the mover to be there")
        add(writer, 1, 2)
    assert there(postgres) == [1, 2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_rows_wait_in_the_file_while_postgresql_is_away(postgres, tmp_path, writer, number, expected_logs):
    expected_logs("Reports wait on this machine")
    with moving(tmp_path, postgres.url()) as mover:
        add(writer, 1)
        mover.wake()
        until(lambda: mover.position() == 1, 10, "the row to be handed on")
        postgres.stop(number)
        add(writer, 2, 3)
        mover.wake()
        postgres.start()
        until(lambda: mover.position() == 3, 20, "the rows to be handed on")
    assert there(postgres) == [1, 2, 3]


def test_a_file_that_became_another_one_is_handed_on_anew(postgres, tmp_path, writer):
    add(writer, 1)
    with moving(tmp_path, postgres.url()) as mover:
        until(lambda: mover.position() == 1, 10, "the row to be handed on")
    writer.close()
    for path in tmp_path.glob("intake.sqlite*"):
        path.unlink()
    with closing(IntakeWriter.open(tmp_path / "intake.sqlite")) as another, moving(tmp_path, postgres.url()) as mover:
        add(another, 1)
        mover.wake()
        until(lambda: mover.position() == 1, 10, "the row to be handed on")
    assert there(postgres) == [1, 1]


def test_two_movers_of_one_file_never_double_a_row(postgres, tmp_path, writer, expected_logs):
    expected_logs("Another process hands on the same file")
    with moving(tmp_path, postgres.url()) as first, moving(tmp_path, postgres.url()) as second:
        until(lambda: first.position() == 0 == second.position(), 10, "both to be there")
        add(writer, *range(100))
        first.wake()
        second.wake()
        until(lambda: first.position() == 100 == second.position(), 20, "all to be handed on")
    assert there(postgres) == list(range(100))


def test_a_large_body_lies_in_a_blob_when_its_row_goes_over(postgres, tmp_path, writer):
    body = Incoming(tmp_path).create()
    body.write(b"large" * 100_000)
    body.finish()
    writer.append([new_intake(b"", body_file=body.name)])
    with moving(tmp_path, postgres.url()) as mover:
        until(lambda: mover.position() == 1, 10, "the row to be handed on")
    [(reference,)] = postgres.run("SELECT body_file FROM intake")
    assert open_blobs(Place(tmp_path / "blobs")).read(reference) == b"large" * 100_000
    writer.forget(1)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_word_of_postgresql_ends_a_processors_wait_also_after_a_restart(postgres, monkeypatch):
    monkeypatch.setattr(waking, "AGAIN_SECONDS", 0.0)
    wake, bell = waking.Wake(), waking.Bell(postgres.url())
    wake.listen_to(bell)

    def listens_beside(earlier):
        wake.wait(0)
        return bell._connection not in (None, earlier)

    for _ in range(2):
        earlier = bell._connection
        until(lambda earlier=earlier: listens_beside(earlier), 10, "the bell to listen")
        postgres.run(f"NOTIFY {CHANNEL}")
        begun = clock.monotonic()
        wake.wait(30)
        assert clock.monotonic() - begun < 10
        postgres.restart()
    bell.close()
