"""From the items of sessions to runs and groups of runs: whose they are, when they began, within what can be true."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import normalise_event_id
from crashdesk.protocol.session import MAX_AGGREGATES, SessionAggregate, SessionAggregates, SessionUpdate
from crashdesk.server.events.digests import digest_of
from crashdesk.server.processor.draft import Arrival
from crashdesk.server.processor.rules.clock import when
from crashdesk.server.processor.rules.release import ENVIRONMENT_LIMIT, RELEASE_LIMIT, line
from crashdesk.server.sessions.states import ABNORMAL, CRASHED, ERRORED, TOTAL, Group, Origin, Run

MOST_IN_ENVELOPE, MOST_GROUPS = 100, 500
MOST_RUNS = 1_000_000_000  # in one entry: a client may claim any number
MOST_ERRORS, MOST_SEQ = 2**31 - 1, 2**63 - 1


def run_of(payload: dict[str, Any], arrival: Arrival) -> Run | None:
    """Return the state of a run that an update tells; None when it does not say of which."""
    update = SessionUpdate.parse(payload)
    if update is None:
        return None
    return Run(
        sid=_sid(update.sid),
        origin=_origin(update.started or update.timestamp, update.did, update.attrs, arrival),
        status=update.status,
        errors=min(update.errors, MOST_ERRORS),
        seq=None if update.seq is None else max(-MOST_SEQ, min(update.seq, MOST_SEQ)),
        told_at=update.timestamp,
        received_at=arrival.received_at,
    )


def groups_of(payload: dict[str, Any], arrival: Arrival) -> tuple[list[Group], int]:
    """Return the groups of added-up runs, and how many entries are beyond the limit or without a start."""
    told = SessionAggregates.parse(payload)
    entries = len(foreign.mappings(payload.get("aggregates")))
    groups = [_group(entry, told, arrival) for entry in told.aggregates[:MAX_AGGREGATES]]
    return groups, entries - len(groups)


def _group(entry: SessionAggregate, told: SessionAggregates, arrival: Arrival) -> Group:
    exited, errored, crashed, abnormal = (
        min(count, MOST_RUNS) for count in (entry.exited, entry.errored, entry.crashed, entry.abnormal)
    )
    counts = {TOTAL: exited + errored + crashed + abnormal, ERRORED: errored, CRASHED: crashed, ABNORMAL: abnormal}
    origin = _origin(entry.started, entry.did, told.attrs, arrival)
    return Group(origin, {state: count for state, count in counts.items() if count})


def _origin(started: datetime | None, did: str | None, attrs: Any, arrival: Arrival) -> Origin:
    return Origin(
        started_at=when(started, arrival).moment,
        release=line(attrs.get("release"), RELEASE_LIMIT),
        environment=line(attrs.get("environment"), ENVIRONMENT_LIMIT),
        user_digest=digest_of(arrival.project_id, "id", did) if did else "",
    )


def _sid(text: str) -> UUID:
    """Return a client's id of a run as one column holds it: as it is, or a digest of an odd one."""
    return UUID(normalise_event_id(text) or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32])
