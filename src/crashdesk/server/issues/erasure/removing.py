"""Takes rows and blobs away that name a person, a portion a transaction; counters stay as they are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from crashdesk.server.events import freed
from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.blobs import Kind
from crashdesk.server.issues.erasure.finding import Hit
from crashdesk.server.issues.erasure.person import Person

AT_ONCE = 200
_WORDS = ("message", "name", "email", "url", "source")
_BY_REFERENCE = {
    Kind.ATTACHMENT: (Attachment, "attachments"),
    Kind.FAILED: (FailedReport, "failed_reports"),
    Kind.KEPT: (KeptItem, "kept_items"),
}

Keys = set[tuple[int, UUID]]


def remove_hits(portion: Sequence[Hit], counts: Counter[str]) -> Keys:
    """Remove what these blobs belong to, and note that they are to be overwritten; return the person's own events."""
    theirs: Keys = set()
    with transaction.atomic():
        for hit in portion:
            kind, project_id, row = hit.stored.owner
            if kind is Kind.EVENT:
                counts["events"] += _let_body_go(project_id, UUID(int=row), hit.stored.reference)
                if hit.is_theirs:
                    theirs.add((project_id, UUID(int=row)))
            elif kind is Kind.FEEDBACK:
                remove_words(Feedback.objects.filter(project_id=project_id, feedback_id=UUID(int=row)), counts)
            elif kind in _BY_REFERENCE:
                model, name = _BY_REFERENCE[kind]
                counts[name] += model._default_manager.filter(blob=hit.stored.reference).delete()[0]  # noqa: SLF001 - Django's way
            elif kind is Kind.UNKNOWN:
                _remove_unknown(hit.stored.reference, counts)
        freed.erase_later([hit.stored.reference for hit in portion])
    return theirs


def remove_what_came_with(events: Iterable[tuple[int, UUID]], counts: Counter[str]) -> None:
    """Remove the files and words that came with a person's own events, and what is left of their bodies."""
    for project_id, event_id in events:
        with transaction.atomic():
            rows = Event.objects.filter(project_id=project_id, event_id=event_id).exclude(body="")
            freed.erase_later(list(rows.values_list("body", flat=True)))
            counts["events"] += rows.update(body="")
            remove_files(project_id, [event_id], counts)
            remove_words(Feedback.objects.filter(project_id=project_id, event_id=event_id), counts)


def remove_words_of(person: Person, counts: Counter[str]) -> None:
    """Remove what users wrote that names the person in any of its columns."""
    wanted = Q()
    for column in _WORDS:
        wanted |= Q(**{f"{column}__icontains": person.text})
    rows = Feedback.objects.filter(wanted)
    for row in (rows if person.project_id is None else rows.filter(project_id=person.project_id)).iterator():
        told = (getattr(row, column) for column in _WORDS)
        if any(person.is_in_text(text) or text.strip().lower() == person.text.lower() for text in told):
            with transaction.atomic():
                remove_words(Feedback.objects.filter(project_id=row.project_id, id=row.id), counts)


def remove_files_named(person: Person, counts: Counter[str]) -> None:
    """Remove files whose names hold the person's."""
    rows = Attachment.objects.filter(name__icontains=person.text)
    for row in (rows if person.project_id is None else rows.filter(project_id=person.project_id)).iterator():
        if person.is_in_text(row.name):
            with transaction.atomic():
                freed.erase_later([row.blob])
                counts["attachments"] += Attachment.objects.filter(project_id=row.project_id, id=row.id).delete()[0]


def remove_failed(rows: Iterable[FailedReport], counts: Counter[str]) -> None:
    for row in rows:
        with transaction.atomic():
            freed.erase_later([row.blob])
            found = FailedReport.objects.filter(project_id=row.project_id, id=row.id)
            counts["failed_reports"] += found.delete()[0]


def remove_words(rows: "models.QuerySet[Feedback]", counts: Counter[str]) -> None:
    """Remove feedback with its bodies and files; belongs into a transaction."""
    for row in list(rows):
        freed.erase_later([row.body])
        remove_files(row.project_id, [row.feedback_id], counts)
        counts["feedback"] += Feedback.objects.filter(project_id=row.project_id, id=row.id).delete()[0]


def remove_files(project_id: int, event_ids: Sequence[UUID], counts: Counter[str]) -> None:
    """Remove the files that came with events or feedback; belongs into a transaction."""
    files = Attachment.objects.filter(project_id=project_id, event_id__in=event_ids)
    freed.erase_later(list(files.values_list("blob", flat=True)))
    counts["attachments"] += files.delete()[0]


def _let_body_go(project_id: int, event_id: UUID, reference: str) -> int:
    return Event.objects.filter(project_id=project_id, event_id=event_id, body=reference).update(body="")


def _remove_unknown(reference: str, counts: Counter[str]) -> None:
    """Remove what names a blob of the first version, which does not say whose it is."""
    counts["events"] += Event.objects.filter(body=reference).update(body="")
    remove_words(Feedback.objects.filter(body=reference), counts)
    for model, name in _BY_REFERENCE.values():
        counts[name] += model._default_manager.filter(blob=reference).delete()[0]  # noqa: SLF001 - Django's way
