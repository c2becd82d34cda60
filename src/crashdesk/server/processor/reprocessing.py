"""Processes again, with today's code, what could not be processed before; from the stored bytes, while the server runs.

In one transaction a portion of reports is stored and leaves the list of what failed, so that a kill between loses and
doubles nothing. What fails again stays, with its new reason.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.protocol import jsontext
from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events import services as events
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import FailedReport
from crashdesk.server.intake import seen
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.processor.prepared import Prepared
from crashdesk.server.processor.preparing import USUAL, failed, prepare
from crashdesk.server.processor.storing import store
from crashdesk.server.projects.queries import Policy, policies

PORTION = 50

_log = logs.logger("processor")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports are tried again: all, unless something narrows them.

    `reason` and `text` are parts of what the reason and the bytes as they came hold; `report_ids` names rows.
    """

    project_ids: Collection[int] | None = None
    reason: str = ""
    since: datetime | None = None
    text: str = ""
    report_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How many reports were found, are stored now, and failed again."""

    found: int = 0
    stored: int = 0
    failed: int = 0


Say = Callable[[int, int], None]


def reprocess(selection: Selection, say: Say | None = None, *, is_dry_run: bool = False) -> Result:
    """Try the selected reports again, oldest first; `say(done, of)` is told after each portion.

    Raises StorageError or a database error when storing is not possible now; what was stored before that stays stored.
    """
    keys = list(_selected(selection))
    if is_dry_run:
        return Result(len(keys))
    stored = 0
    for start in range(0, len(keys), PORTION):
        portion = keys[start : start + PORTION]
        stored += _again(portion)
        if say is not None:
            say(start + len(portion), len(keys))
    return Result(len(keys), stored, len(keys) - stored)


def _selected(selection: Selection) -> Iterator[tuple[int, int]]:
    """Yield project and id of the selected reports."""
    rows = FailedReport.objects.order_by("received_at", "id")
    if selection.project_ids is not None:
        rows = rows.filter(project_id__in=selection.project_ids)
    if selection.report_ids is not None:
        rows = rows.filter(id__in=selection.report_ids)
    if selection.since is not None:
        rows = rows.filter(received_at__gte=selection.since)
    if selection.reason:
        rows = rows.filter(reason__icontains=selection.reason)
    for row in rows.iterator(chunk_size=PORTION):
        if not selection.text or _says(row, selection.text):
            yield row.project_id, row.id


def _says(report: FailedReport, text: str) -> bool:
    """Say whether the bytes of a report hold `text`; looked for piece by piece, overlapping by its length."""
    wanted, rest = text.encode("utf-8", "replace"), b""
    for piece in blobs().pieces(report.blob) if report.blob else ():
        if wanted in rest + piece:
            return True
        rest = piece[-len(wanted) :]
    return False


def _again(keys: Sequence[tuple[int, int]]) -> int:
    """Try a portion again; return how many reports of it are stored now."""
    reports = _rows(keys)
    by_project = policies({report.project_id for report in reports})
    tried = [(report, _prepared(report, by_project.get(report.project_id, USUAL))) for report in reports]
    good = [(report, prepared) for report, prepared in tried if not _has_failed_again(prepared)]
    for report, prepared in tried:
        if _has_failed_again(prepared):
            events.note_failed_again(report.project_id, report.id, prepared.failures[0].reason)
            blobs().discard(prepared.written)
    return _store(good)


def _rows(keys: Sequence[tuple[int, int]]) -> list[FailedReport]:
    wanted = set(keys)
    rows = FailedReport.objects.filter(project_id__in={key[0] for key in keys}, id__in=[key[1] for key in keys])
    return [row for row in rows.order_by("received_at", "id") if (row.project_id, row.id) in wanted]


def _store(tried: Sequence[tuple[FailedReport, Prepared]]) -> int:
    """Store what could be processed; what cannot be stored for its content is found by halving."""
    if not tried:
        return 0
    try:
        return _store_at_once(tried)
    except (OperationalError, StorageError):
        raise
    except Exception as error:  # noqa: BLE001 - one report must not cost the others
        if len(tried) == 1:
            report = tried[0][0]
            _log.error("A report could not be stored when it was tried again: %s", type(error).__name__)
            events.note_failed_again(report.project_id, report.id, type(error).__name__)
            return 0
        middle = len(tried) // 2
        return _store(tried[:middle]) + _store(tried[middle:])


@transaction.atomic
def _store_at_once(tried: Sequence[tuple[FailedReport, Prepared]]) -> int:
    """Store reports and take them from the list; those that somebody else took meanwhile are left alone."""
    keys = [(report.project_id, report.id) for report, _ in tried]
    locked = FailedReport.objects.select_for_update().filter(
        project_id__in={key[0] for key in keys}, id__in=[key[1] for key in keys]
    )
    waiting = set(locked.order_by("project_id", "id").values_list("project_id", "id"))
    mine = [(report, prepared) for report, prepared in tried if (report.project_id, report.id) in waiting]
    if mine:
        store([prepared for _, prepared in mine], clock.now())
    for project_id in {report.project_id for report, _ in mine}:
        events.forget_failed(project_id, [report.id for report, _ in mine if report.project_id == project_id])
    return len(mine)


def _prepared(report: FailedReport, policy: Policy) -> Prepared:
    row = _row(report)
    try:
        prepared = prepare(row, policy, is_again=True)
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the report stays and others go on
        _log.error("A report could not be processed again: %s", type(error).__name__)
        return failed(row, error, is_again=True)
    prepared.tries = report.tries + 1
    prepared.counted += [
        prepared.entry(item_type(one.name).category, Outcome.INVALID, report.counted_as, -one.quantity)
        for one in seen.read(report.seen)
        if not one.limited
    ]
    return prepared


def _has_failed_again(prepared: Prepared) -> bool:
    """Say whether nothing was gained."""
    gained: Iterable[object] = (*prepared.drafts, *prepared.files, *prepared.runs, *prepared.groups, *prepared.kept)
    return bool(prepared.failures) and not any(True for _ in gained)


def _row(report: FailedReport) -> IntakeRow:
    """Return the report as a row of the intake; a whole body is read from its blob as a stream."""
    body = _envelope_of(report) if report.item else b""
    return IntakeRow(
        project_id=report.project_id,
        key_id=report.key_id,
        received_at=report.received_at.timestamp(),
        envelope_id=report.envelope_id.hex if report.envelope_id else None,
        encoding=report.encoding,
        route=report.route,
        remote=report.remote,
        body=body,
        content_type=report.content_type,
        items=report.seen,
        body_file="" if report.item else report.blob,
    )


def _envelope_of(report: FailedReport) -> bytes:
    """Return an envelope that holds the one item that is kept."""
    payload = blobs().read(report.blob) if report.blob else b""
    headers = {**jsontext.read(report.item.encode()), "length": len(payload)}
    return b"\n".join((report.envelope.encode() or b"{}", jsontext.write(headers), payload))
