"""Walks through everything that is kept in blobs and finds what names a person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crashdesk.errors import StorageError
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import FailedReport
from crashdesk.server.intake.blobs import Kind, Stored
from crashdesk.server.intake.encodings import RefusedBody, decoded
from crashdesk.server.intake.reading import LIMITS
from crashdesk.server.issues.erasure.person import Person

Say = Callable[[str], None]
_JSON = {Kind.EVENT, Kind.FEEDBACK}
_NOT_OURS = {Kind.ERASED, Kind.INTAKE}  # what waits to be processed is told apart before


@dataclass(frozen=True, slots=True)
class Hit:
    """A blob that names the person; `is_theirs` when it is of a report that they sent."""

    stored: Stored
    is_theirs: bool


def hits(person: Person, say: Say) -> Iterator[Hit]:
    """Yield every blob that names the person, in packs and alone, whether a row names it or not."""
    store = blobs()
    packs = store.packs(with_open=True)
    for number, pack in enumerate(packs, 1):
        say(f"Looking through bodies: pack {number} of {len(packs)}.")
        for stored, content in store.contents(pack.name):
            if _is_meant(person, stored) and (found := _hit(person, stored, content)):
                yield found
    say("Looking through large files.")
    for stored, _ in store.large():
        if _is_meant(person, stored) and _is_in_large(person, stored.reference):
            yield Hit(stored, is_theirs=False)


def failed_reports(person: Person) -> Iterator[FailedReport]:
    """Yield reports that could not be processed and, unpacked, name the person; of others `hits` tells."""
    rows = FailedReport.objects.all()
    if person.project_id is not None:
        rows = rows.filter(project_id=person.project_id)
    for row in rows.iterator():
        if person.is_in_text(f"{row.envelope} {row.item} {row.seen} {row.remote}") or _is_in_failed(person, row):
            yield row


def _is_meant(person: Person, stored: Stored) -> bool:
    owner = stored.owner
    if owner.kind in _NOT_OURS:
        return False
    is_of_project = person.project_id is None or owner.project_id == person.project_id
    return is_of_project or owner.kind is Kind.UNKNOWN


def _hit(person: Person, stored: Stored, content: bytes) -> Hit | None:
    is_theirs = False
    if stored.owner.kind in _JSON:
        try:
            is_theirs = person.is_user_of(content)
        except ValueError:  # a body of ours is JSON; whatever this is, its text is looked at
            is_theirs = False
    return Hit(stored, is_theirs) if is_theirs or person.is_in(content) else None


def _is_in_large(person: Person, reference: str) -> bool:
    """Whether a large blob names the person, also across two of its pieces."""
    end = b""
    try:
        for piece in blobs().pieces(reference):
            if person.is_in(end + piece):
                return True
            end = (end + piece)[-person.longest :]
    except StorageError:
        return False  # what cannot be read tells nobody anything
    return False


def _is_in_failed(person: Person, row: FailedReport) -> bool:
    end = b""
    try:
        raw = blobs().pieces(row.blob)
        for piece in decoded(raw, row.size_bytes, row.encoding, LIMITS.of(row.route)):
            if person.is_in(end + piece):
                return True
            end = (end + piece)[-person.longest :]
    except (StorageError, RefusedBody):
        return False
    return False
