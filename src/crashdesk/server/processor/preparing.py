"""From a row of the intake to what can be stored, by its route; no database, so that it can be done again.

What cannot be read becomes a failure with its raw bytes, its neighbours go on.
"""

from collections.abc import Callable
from typing import Any

import orjson

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import new_event_id
from crashdesk.protocol.items import UNKNOWN, item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.intake import reading, seen
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.security import item_of, security_reports
from crashdesk.server.outcomes.services import RECEIVED, Counted
from crashdesk.server.processor import forms
from crashdesk.server.processor.contents import Contents
from crashdesk.server.processor.drafting import NOT_PROCESSED
from crashdesk.server.processor.items import EnvelopeItems
from crashdesk.server.processor.prepared import NOT_READABLE, Failure, Prepared
from crashdesk.server.processor.sources import Sources
from crashdesk.server.projects.queries import Policy

OUTCOMES = "outcomes"
USUAL, HERE = Policy(), Sources()


def prepare(row: IntakeRow, policy: Policy = USUAL, sources: Sources = HERE, *, is_again: bool = False) -> Prepared:
    """Read one row; `is_again` for one that is tried once more and was counted as received before."""
    prepared = Prepared(row, is_again=is_again)
    contents = Contents(prepared, policy, sources)
    try:
        _ROUTES.get(row.route, _envelope)(contents)
    except RefusedBody as error:
        again = Prepared(row, is_again=is_again, written=prepared.written)  # nothing of what was read stays
        return _whole(again, sources, error.reason, NOT_READABLE)
    contents.finish()
    if is_again:
        prepared.note_difference(seen.read(row.items), contents.came())
    else:
        prepared.note_received(seen.read(row.items) or contents.came())
    return prepared


def failed(row: IntakeRow, error: Exception, sources: Sources = HERE, *, is_again: bool = False) -> Prepared:
    """Return `row` as a report that could not be processed, because of `error`."""
    return _whole(Prepared(row, is_again=is_again), sources, type(error).__name__, NOT_PROCESSED)


def _whole(prepared: Prepared, sources: Sources, reason: str, counted_as: str) -> Prepared:
    """Keep a whole body that could not be processed; every item that the door saw in it is counted so."""
    row_id = sources.new_id()
    text = prepared.row.items or seen.write({UNKNOWN.name: 1})
    came = seen.read(text)
    prepared.fail(Failure(row_id, reason, sources.take_raw(prepared.row, row_id), counted_as, text))
    if not prepared.is_again:
        prepared.note_received(came)
        prepared.counted += [_limited(prepared, one) for one in came if one.limited]
    return prepared


def _limited(prepared: Prepared, one: seen.Seen) -> Counted:
    return prepared.entry(item_type(one.name).category, Outcome.RATE_LIMITED, one.limited, one.quantity)


def _envelope(contents: Contents) -> None:
    """Read an envelope as a stream."""
    items = EnvelopeItems(contents.sources.decoded(contents.row))
    _read_items(contents, items)
    contents.prepared.decoded_bytes = items.decoded_bytes


def _store(contents: Contents) -> None:
    """Read one event of an old client."""
    decoded = b"".join(contents.sources.decoded(contents.row))
    contents.prepared.decoded_bytes = len(decoded)
    _read_items(contents, EnvelopeItems.of(reading.to_envelope(reading.STORE, decoded, contents.row.envelope_id)))


def _read_items(contents: Contents, items: EnvelopeItems) -> None:
    for item in items:
        contents.begin(items.headers)  # they are known once there is an item
        contents.take(item)
    contents.begin(items.headers)


def _minidump(contents: Contents) -> None:
    """Read the form of a native crash: its event, its dump and other files."""
    contents.begin({"event_id": contents.row.envelope_id or new_event_id()})
    contents.prepared.decoded_bytes = forms.read(contents)


def _security(contents: Contents) -> None:
    """Read what a browser reports: one broken policy or several."""
    contents.begin({})
    decoded = b"".join(contents.sources.decoded(contents.row))
    contents.prepared.decoded_bytes = len(decoded)
    for report in security_reports(decoded):
        contents.take_security(item_of(report), report, orjson.dumps(report))


def _outcomes(contents: Contents) -> None:
    """Take what the door refused into the account, as received and as dropped."""
    entries = foreign.sequence(orjson.loads(b"".join(contents.sources.decoded(contents.row))))
    for entry in entries:
        contents.prepared.counted += _refused(entry)


def _refused(entry: list[Any]) -> list[Counted]:
    project_id, hour, category, outcome, reason, quantity = entry
    at = foreign.moment(hour)
    if at is None:
        raise RefusedBody(NOT_READABLE)
    return [
        Counted(project_id, at, category, RECEIVED, "", quantity),
        Counted(project_id, at, category, outcome, reason, quantity),
    ]


_ROUTES: dict[str, Callable[[Contents], None]] = {
    reading.ENVELOPE: _envelope,
    reading.STORE: _store,
    reading.MINIDUMP: _minidump,
    reading.SECURITY: _security,
    OUTCOMES: _outcomes,
}
