"""Which tables refer to blobs: one row for each, so that a blob's row can be found by the owner that it names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, models

from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.blobs import Kind, Stored
from crashdesk.server.symbols.models import ArtifactBundle, Chunk, DebugFile

_FIRST_UUID = 2**63  # an owner's number from here on is a UUID, below it is a row's id


@dataclass(frozen=True, slots=True)
class Holder:
    """A table that refers to blobs of a kind in the column `reference`; rows are found by `uuid` or by their id.

    A table without a project in its key holds blobs of the owner's project 0.
    """

    kind: Kind
    model: type[models.Model]
    reference: str = "blob"
    uuid: str = ""
    has_project: bool = True


HOLDERS: tuple[Holder, ...] = (
    Holder(Kind.EVENT, Event, "body", uuid="event_id"),
    Holder(Kind.FEEDBACK, Feedback, "body", uuid="feedback_id"),
    Holder(Kind.ATTACHMENT, Attachment, uuid="event_id"),
    Holder(Kind.FAILED, FailedReport),
    Holder(Kind.KEPT, KeptItem),
    Holder(Kind.SYMBOL, DebugFile),
    Holder(Kind.SYMBOL, ArtifactBundle),
    Holder(Kind.CHUNK, Chunk, has_project=False),
)


def named(found: Iterable[Stored]) -> set[str]:
    """Return the references among these that a row names."""
    by_kind: dict[Kind, list[Stored]] = defaultdict(list)
    for stored in found:
        by_kind[stored.owner.kind].append(stored)
    unknown = by_kind.pop(Kind.UNKNOWN, [])  # written before records named their owner: any table may hold them
    live = _in_intake([stored.reference for stored in by_kind.pop(Kind.INTAKE, ())])
    for holder in HOLDERS:
        live |= _named_in(holder, by_kind.get(holder.kind, ()))
        live |= _with_reference(holder, [stored.reference for stored in unknown])
    return live


def renamed(moved: Iterable[tuple[Stored, str]]) -> list[str]:
    """Let rows name blobs by their new references; return the new ones that no row took, because theirs has gone.

    Belongs into a transaction.
    """
    left: list[str] = []
    for stored, reference in moved:
        holders = [holder for holder in HOLDERS if stored.owner.kind in {holder.kind, Kind.UNKNOWN}]
        taken = [_rows_of(holder, stored).update(**{holder.reference: reference}) for holder in holders]
        if not any(taken):
            left.append(reference)
    return left


def _in_intake(references: Sequence[str]) -> set[str]:
    """Return those of the references that rows of the shared intake name; only PostgreSQL has one."""
    if connection.vendor != "postgresql" or not references:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT body_file FROM intake WHERE body_file = ANY(%s)", (list(references),))
        return {reference for (reference,) in cursor.fetchall()}


def _named_in(holder: Holder, found: Sequence[Stored]) -> set[str]:
    live: set[str] = set()
    nameless = [stored for stored in found if not stored.owner.row]
    for project_id in {stored.owner.project_id for stored in found}:
        of_project = [stored for stored in found if stored.owner.project_id == project_id and stored.owner.row]
        rows = _of_project(holder, project_id)
        wanted = {stored.reference for stored in of_project}
        keys = {stored.owner.row for stored in of_project}
        for condition in _conditions(holder, keys):
            live |= wanted & set(rows.filter(condition).values_list(holder.reference, flat=True))
    return live | _with_reference(holder, [stored.reference for stored in nameless])


def _rows_of(holder: Holder, stored: Stored) -> "models.QuerySet[models.Model]":
    rows = _of_project(holder, stored.owner.project_id) if stored.owner.kind is not Kind.UNKNOWN else _all(holder)
    for condition in _conditions(holder, {stored.owner.row}) if stored.owner.row else ():
        rows = rows.filter(condition)
    return rows.filter(**{holder.reference: stored.reference})


def _conditions(holder: Holder, keys: Collection[int]) -> list[models.Q]:
    """Return how rows with these keys are found: each by an index."""
    uuids = [UUID(int=key) for key in keys if key >= _FIRST_UUID] if holder.uuid else []
    ids = [key for key in keys if key < _FIRST_UUID]
    found = [models.Q(**{f"{holder.uuid}__in": uuids})] if uuids else []
    return [*found, models.Q(id__in=ids)] if ids else found


def _with_reference(holder: Holder, references: Sequence[str]) -> set[str]:
    if not references:
        return set()
    rows = _all(holder).filter(**{f"{holder.reference}__in": references})
    return set(rows.values_list(holder.reference, flat=True))


def _of_project(holder: Holder, project_id: int) -> "models.QuerySet[models.Model]":
    return _all(holder).filter(project_id=project_id) if holder.has_project else _all(holder)


def _all(holder: Holder) -> "models.QuerySet[models.Model]":
    return holder.model._default_manager.all()  # noqa: SLF001 - Django's documented way to a model's rows
