"""Large bodies stream from their file into blobs: never whole in memory, never kept when their row is not stored."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import Attachment, Event, FailedReport, GoneBlob
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor.preparing import prepare
from crashdesk.server.processor.reprocessing import Selection, reprocess
from support.events import event
from support.reports import a_row, an_envelope, event_item

OWN = "a" * 32
MEGABYTE = 1_000_000


def a_file(directory: Path, *pieces: bytes) -> str:
    writer = Incoming(directory).create()
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    return writer.name


def process(intake, directory, envelope, **more):
    name = a_file(directory, envelope.to_bytes())
    intake.process(b"", body_file=name, envelope_id=envelope.event_id, **more)
    return name


def test_a_large_body_is_read_from_its_file_and_left_to_the_collector(intake, tmp_path):
    name = process(intake, tmp_path, an_envelope(event_item(event()), event_id=OWN))
    assert Event.objects.count() == 1
    assert Incoming(tmp_path).size(name)


def test_a_large_file_goes_into_a_blob_of_its_own_and_a_small_one_does_not(intake, tmp_path):
    large = os.urandom(MEGABYTE * 2)
    process(intake, tmp_path, an_envelope(Item.attachment("l", large), Item.attachment("s", b"small"), event_id=OWN))
    rows = {row.name: row for row in events.attachments_of(intake.project_id, OWN)}
    assert (events.content(rows["l"]), events.content(rows["s"])) == (large, b"small")
    assert (rows["l"].size_bytes, len(rows["l"].sha256)) == (MEGABYTE * 2, 64)


def test_a_large_file_that_came_before_is_freed_again(intake, tmp_path):
    envelope = an_envelope(Item.attachment("l", os.urandom(MEGABYTE * 2)), event_id=OWN)
    process(intake, tmp_path, envelope)
    kept = Attachment.objects.get().blob
    process(intake, tmp_path, envelope)
    assert Attachment.objects.get().blob == kept
    assert GoneBlob.objects.count() == 1
    assert not GoneBlob.objects.filter(reference=kept).exists()


def test_a_large_body_that_cannot_be_read_is_kept_whole(intake, tmp_path):
    content = b"nonsense" * 400_000
    intake.process(b"", body_file=a_file(tmp_path, content))
    report = FailedReport.objects.get()
    assert (report.size_bytes, events.raw_bytes(report)) == (len(content), content)


def test_a_body_whose_file_is_gone_does_not_keep_others_waiting(intake, tmp_path):
    name = a_file(tmp_path, b"x")
    Incoming(tmp_path).remove([name])
    intake.add(b"", body_file=name, items="event=1")
    intake.process(an_envelope(event_item(event())))
    assert (Event.objects.count(), FailedReport.objects.get().reason) == (1, "body_missing")


def a_body_in_a_blob(intake):
    reference = blobs().put([an_envelope(event_item(event())).to_bytes()], Owner(Kind.INTAKE, intake.project_id, 7))
    intake.add(b"", body_file=reference, items="event=1")
    return reference


def test_a_body_that_another_machine_put_into_a_blob_is_read(intake):
    a_body_in_a_blob(intake)
    intake.process()
    assert Event.objects.count() == 1


def test_a_blob_that_is_gone_or_damaged_does_not_keep_others_waiting(intake, tmp_path):
    gone = a_body_in_a_blob(intake)
    blobs().erase([gone])
    a_body_in_a_blob(intake)
    for path in (tmp_path / "blobs").rglob("*"):
        if path.is_file() and path.stat().st_size > 200:
            path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    intake.process(an_envelope(event_item(event())))
    assert Event.objects.count() == 1
    assert FailedReport.objects.count() == 2


def test_an_envelope_of_very_many_events_is_read_in_portions(intake, monkeypatch):
    monkeypatch.setattr("crashdesk.server.processor.drafting.MOST_DRAFTS", 3)
    intake.process(an_envelope(*[event_item(event()) for _ in range(5)]))
    assert (Event.objects.count(), [row.reason for row in FailedReport.objects.all()]) == (3, ["too_many"] * 2)
    assert reprocess(Selection()).stored == 2
    assert Event.objects.count() == 5
    assert [(row.stored, row.dropped) for row in outcomes.account([intake.project_id])] == [(5, {})]


def test_many_files_of_one_report_do_not_gather_in_memory(monkeypatch, tmp_path, settings):
    settings.CRASHDESK_DATA = tmp_path
    monkeypatch.setattr("crashdesk.server.processor.contents.MOST_IN_MEMORY", 50_000)
    files = [Item.attachment(f"{number}", os.urandom(20_000)) for number in range(6)]
    found = prepare(a_row(an_envelope(*files, Item.attachment("tiny", b"x"), event_id=OWN))).files
    assert [bool(file.content.blob) for file in found] == [False, False, True, True, True, True, False]


_MEASURED = """
import os, resource, sys, django
from pathlib import Path
os.environ["CRASHDESK_DATA"] = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "crashdesk.server.settings"
django.setup()
from support.reports import a_row
from crashdesk.server.processor.preparing import prepare
prepare(a_row(b"{}\\n"))
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = peak()
prepared = prepare(a_row(b"", body_file=sys.argv[2], envelope_id="a" * 32))
print(peak() - before, prepared.files[0].content.size)
"""


@pytest.mark.timeout(60)
def test_a_file_of_90_megabytes_costs_little_memory(tmp_path):
    piece, count = os.urandom(MEGABYTE), 90
    head = b'{"event_id":"%s"}\n{"type":"attachment","length":%d}\n' % (OWN.encode(), MEGABYTE * count)
    name = a_file(tmp_path, head, *[piece] * count)
    tests = Path(__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(tmp_path), name],
        env={**os.environ, "PYTHONPATH": str(tests)},
        capture_output=True,
        text=True,
        check=True,
    )
    kilobytes, size = map(int, ran.stdout.split())
    assert size == MEGABYTE * count
    assert kilobytes < 50_000
