"""The intake's interface: claims, their end, and sums, the same whichever database it lies in."""

from threading import Barrier, Thread

from django.db import connection, transaction

from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.intakes import open_intake
from crashdesk.server.events.models import Event, FailedReport
from crashdesk.server.intake.blobs import Kind, Owner
from support.intakes import EVENT_ID, envelope_bytes, new_intake


def bodies(rows):
    return [row.body for row in rows]


def claimed(intake, limit=100, **more):
    with intake.claim(limit, **more) as rows:
        return bodies(rows)


def finish(intake, number):
    with intake.claim(number) as rows, transaction.atomic():
        intake.finish(rows)


def test_a_row_comes_as_it_was_accepted(world):
    new = new_intake(
        b"\x1f\x8b\x00\xff", project_id=7, key_id=3, encoding="gzip", route="minidump", remote="2001:db8::1",
        content_type="multipart/form-data; boundary=x", items="event=1 attachment=2", envelope_id=None,
    )  # fmt: skip
    world.accept(new)
    with world.intake.claim(1) as [row]:
        assert {name: getattr(row, name) for name in new.__slots__} == {n: getattr(new, n) for n in new.__slots__}


def test_rows_come_oldest_first_up_to_a_number_and_a_size(world):
    world.accept(*[new_intake(bytes([number]) * 10) for number in range(5)])
    assert claimed(world.intake, 3) == [bytes([number]) * 10 for number in range(3)]
    assert len(claimed(world.intake, most_bytes=15)) == 2


def test_what_is_not_finished_comes_again(world):
    world.accept(*[new_intake(b"x")] * 2)
    assert len(claimed(world.intake)) == len(claimed(world.intake)) == 2


def test_what_is_finished_never_comes_again(world):
    world.accept(*[new_intake(bytes([number])) for number in range(3)])
    finish(world.intake, 2)
    assert claimed(open_intake(world.server)) == [b"\x02"]


def test_an_end_whose_transaction_fails_is_none(world):
    world.accept(new_intake(b"x"))
    with world.intake.claim(1) as rows, transaction.atomic():
        world.intake.finish(rows)
        transaction.set_rollback(True)
    assert claimed(world.intake) == [b"x"]


def test_what_waits_is_counted_by_project_and_by_items(world):
    world.accept(*[new_intake(b"x", items="event=1 attachment=2")] * 3, new_intake(b"y", project_id=8, items="event=1"))
    finish(world.intake, 1)
    assert (world.intake.waiting(), world.intake.waiting(1), world.intake.waiting(9)) == (3, 2, 0)
    assert world.intake.waiting_items() == {"event": 3, "attachment": 4}
    assert world.intake.waiting_items([8]) == {"event": 1}
    assert world.intake.received() == 4


def test_an_intake_without_any_report_is_empty(world):
    assert claimed(world.intake) == []
    assert (world.intake.waiting(), world.intake.received(), world.intake.waiting_items()) == (0, 0, {})


def test_two_processors_never_hold_the_same_row(on_postgres):
    on_postgres.accept(*[new_intake(bytes([number])) for number in range(4)])
    both, found = Barrier(2), []

    def claim():
        with open_intake(on_postgres.server).claim(2) as rows:
            found.append(bodies(rows))
            both.wait(20)
        connection.close()

    threads = [Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [[b"\0", b"\1"], [b"\2", b"\3"]]


def test_rows_of_a_processor_that_died_are_free_at_once(on_postgres):
    on_postgres.accept(new_intake(b"x"))
    claim = on_postgres.intake.claim(1)
    claim.__enter__()
    connection.connection.close()  # as the kernel does for a process that is killed
    connection.connection = None
    connection.close()
    connection.in_atomic_block = False
    assert claimed(open_intake(on_postgres.server)) == [b"x"]


def test_what_this_machine_has_not_handed_on_yet_counts_as_waiting(on_postgres):
    on_postgres.accept(new_intake(b"x", items="event=1"))
    on_postgres.mover.stop()
    on_postgres.writer.append([new_intake(b"y", items="event=1")])
    assert (on_postgres.intake.waiting(), on_postgres.intake.waiting(1), on_postgres.intake.received()) == (2, 2, 2)
    assert on_postgres.intake.waiting_items() == {"event": 2}


def test_a_text_with_a_nul_is_handed_on_without_it(on_postgres):
    on_postgres.accept(new_intake(b"x", content_type="text/\0plain", envelope_id=EVENT_ID))
    with on_postgres.intake.claim(1) as [row]:
        assert row.content_type == "text/plain"


def test_a_row_of_a_backup_that_names_a_blob_is_handed_on_with_it(on_postgres):
    reference = blobs().put([b"large"], Owner(Kind.INTAKE, 1, 1))
    on_postgres.accept(new_intake(b"", body_file=reference))
    with on_postgres.intake.claim(1) as [row]:
        assert row.body_file == reference


def test_a_row_whose_large_body_is_gone_keeps_nobody_waiting(on_postgres):
    project_id = on_postgres.project_id
    gone = new_intake(b"", body_file=f"{'ab' * 16}.body", project_id=project_id)
    on_postgres.accept(gone, new_intake(envelope_bytes("b" * 32), project_id=project_id))
    while on_postgres.worker().step():
        pass
    assert [found.reason for found in FailedReport.objects.all()] == ["body_missing"]
    assert [found.hex_id for found in Event.objects.all()] == ["b" * 32]
