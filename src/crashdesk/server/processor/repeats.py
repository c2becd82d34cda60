"""Rows that bring nothing but one event that is stored already: told by what the door noted, without reading them.

A client that repeats what it sent must cost next to nothing. Only a first look: what is new is decided in the storing
transaction, and a row that brings anything besides its event is read as any other.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events.queries import issues_of_events
from crashdesk.server.intake import seen
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.reading import ENVELOPE, STORE
from crashdesk.server.processor.draft import EVENT
from crashdesk.server.processor.prepared import Prepared
from crashdesk.server.processor.selecting import DUPLICATE

ONE_EVENT = seen.write({EVENT: 1})


def repeats(rows: Iterable[IntakeRow]) -> set[int]:
    """Return the positions of the rows that bring only an event which is stored."""
    by_project: dict[int, dict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.items == ONE_EVENT and row.envelope_id and row.route in {ENVELOPE, STORE}:
            by_project[row.project_id][UUID(row.envelope_id)].append(row.position)
    return {
        position
        for project_id, positions in by_project.items()
        for event_id in issues_of_events(project_id, positions)
        for position in positions[event_id]
    }


def repeated(row: IntakeRow) -> Prepared:
    """Return what such a row leaves: that it came, and that it was here before."""
    prepared = Prepared(row)
    prepared.note_received(seen.read(row.items))
    prepared.counted.append(prepared.entry(item_type(EVENT).category, Outcome.FILTERED, DUPLICATE))
    return prepared
