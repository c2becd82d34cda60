"""Every write of runs: the newest update of each wins, sums move by the difference, users are noted once a day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection

from crashdesk.protocol.session import SessionStatus, SessionUpdate, newer
from crashdesk.server.events.counters import add_counts
from crashdesk.server.sessions.models import SessionHour, SessionRun, SessionUser
from crashdesk.server.sessions.states import ABNORMAL, CRASHED, ERRORED, Group, HourKey, Origin, Run

OPEN_RUNS_STAY = timedelta(days=30)  # longer than ended ones: a run may sleep with its machine
_KEYS = ("project_id", "hour", "release", "environment", "state")
_CHANGING = ("status", "seq", "told_at", "started_at", "errors", "release", "environment", "user_digest", "updated_at")

UserKey = tuple[date, str, str, str]  # day, release, environment, user


class Verdict(Enum):
    """What became of an update."""

    TAKEN = "taken"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"


def record(project_id: int, updates: Sequence[Run], groups: Sequence[Group], now: datetime) -> list[Verdict]:
    """Count updates of single runs and groups of runs of one project; return what became of each update.

    Belongs into a transaction in which nobody else writes runs of this project.
    """
    before = _stored(project_id, {run.sid for run in updates}) if updates else {}
    after = dict(before)
    verdicts = [_take(after, run) for run in updates]
    changed = [run for sid, run in after.items() if before.get(sid) != run]
    sums: Counter[HourKey] = Counter()
    for run in changed:
        run.group.add_to(sums)
        if run.sid in before:
            before[run.sid].group.add_to(sums, -1)
    for group in groups:
        group.add_to(sums)
    _store(project_id, changed, now)
    add_counts(SessionHour, _KEYS, {(project_id, *key): quantity for key, quantity in sums.items() if quantity})
    _note_users(project_id, [*(run.group for run in changed), *groups])
    return verdicts


def prune(before: datetime) -> int:
    """Forget ended runs without an update since then, and open ones after a longer time; return how many.

    Their sums stay. An update that came so late would count as a run of its own.
    """
    ended = SessionRun.objects.filter(updated_at__lt=before).exclude(status=SessionStatus.OK)
    gone, _ = ended.delete()
    silent, _ = SessionRun.objects.filter(updated_at__lt=before - OPEN_RUNS_STAY).delete()
    return gone + silent


def _take(runs: dict[UUID, Run], run: Run) -> Verdict:
    held = runs.get(run.sid)
    if held is None:
        runs[run.sid] = run
        return Verdict.TAKEN
    if _newness(held) == _newness(run):
        return Verdict.REPEATED
    old, new = _update(held), _update(run)
    if newer(old, new) is old:
        return Verdict.SUPERSEDED
    runs[run.sid] = Run(
        run.sid, _completed(run.origin, held.origin), run.status, run.errors, run.seq, run.told_at, run.received_at
    )
    return Verdict.TAKEN


def _newness(run: Run) -> tuple[object, ...]:
    return run.status, run.seq, run.told_at, run.errors


def _update(run: Run) -> SessionUpdate:
    return SessionUpdate(run.sid.hex, run.status, timestamp=run.told_at, seq=run.seq)


def _completed(new: Origin, held: Origin) -> Origin:
    """Return where a run belongs: an update that leaves something out does not take it away; its start stays."""
    return Origin(
        held.started_at,
        new.release or held.release,
        new.environment or held.environment,
        new.user_digest or held.user_digest,
    )


def _stored(project_id: int, sids: set[UUID]) -> dict[UUID, Run]:
    rows = SessionRun.objects.filter(project_id=project_id, sid__in=sids)
    return {row.sid: _run(row) for row in rows}


def _run(row: SessionRun) -> Run:
    origin = Origin(row.started_at, row.release, row.environment, row.user_digest)
    return Run(row.sid, origin, SessionStatus(row.status), row.errors, row.seq, row.told_at)


def _store(project_id: int, runs: Iterable[Run], now: datetime) -> None:
    rows = [
        SessionRun(
            project_id=project_id,
            sid=run.sid,
            status=run.status,
            seq=run.seq,
            told_at=run.told_at,
            started_at=run.origin.started_at,
            errors=run.errors,
            release=run.origin.release,
            environment=run.origin.environment,
            user_digest=run.origin.user_digest,
            updated_at=run.received_at or now,
        )
        for run in runs
    ]
    SessionRun.objects.bulk_create(
        rows, update_conflicts=True, update_fields=_CHANGING, unique_fields=["project_id", "sid"]
    )


def _note_users(project_id: int, groups: Iterable[Group]) -> None:
    """Note users with what happened to them; a flag that is set once stays."""
    flags: dict[UserKey, list[bool]] = defaultdict(lambda: [False, False, False])
    for group in groups:
        origin = group.origin
        if origin.user_digest:
            key = (origin.started_at.date(), origin.release, origin.environment, origin.user_digest)
            happened = [bool(group.counts.get(state)) for state in (CRASHED, ERRORED, ABNORMAL)]
            flags[key] = [old or new for old, new in zip(flags[key], happened, strict=True)]
    if flags:
        _add_users(project_id, flags)


def _add_users(project_id: int, flags: Mapping[UserKey, Sequence[bool]]) -> None:
    quote = connection.ops.quote_name
    table = quote(SessionUser._meta.db_table)  # noqa: SLF001 - Django's documented way to a table's name
    either = ", ".join(f"{name} = {table}.{name} OR excluded.{name}" for name in _FLAGS)
    columns = ", ".join(("project_id", *_USER, *_FLAGS))
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "  # noqa: S608 - our own names only
        f"ON CONFLICT (project_id, {', '.join(_USER)}) DO UPDATE SET {either}"
    )
    rows: list[tuple[Any, ...]] = [(project_id, key[0].isoformat(), *key[1:], *flags[key]) for key in sorted(flags)]
    with connection.cursor() as cursor:
        # in the order of the key, so that two writers wait for each other and never deadlock
        cursor.executemany(statement, rows)


_USER, _FLAGS = ("day", "release", "environment", "user_digest"), ("has_crashed", "has_errored", "has_ended_abnormally")
