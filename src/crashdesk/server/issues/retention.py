"""What goes when: bodies beyond an issue's sample or a project's bytes, and what is older than its project keeps.

Every function works in small pieces and yields after each, so that processing goes on between them. Counts of issues,
hours, tags and sessions are never touched. What is interrupted is simply done again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction

from crashdesk.server.events import freed, policies
from crashdesk.server.events.ids import first_at
from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem, SeenEnvelope
from crashdesk.server.events.queries import intake_position, with_body
from crashdesk.server.events.services import move_intake_position
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.blobs.references import parse
from crashdesk.server.issues.sampling import Candidate, surplus
from crashdesk.server.projects.queries import all_projects
from crashdesk.server.sessions import services as sessions

ROWS_AT_ONCE = 200
LOOKED_AT_ONCE = 2000
_SETTLED = timedelta(seconds=5)  # ids of events that are just being stored may still come before those we see

_AGES: tuple[tuple[type[models.Model], str, str], ...] = (  # table, its blob, the policy's word for its age
    (Event, "body", "events_days"),
    (Attachment, "blob", "attachments_days"),
    (FailedReport, "blob", "failed_days"),
    (KeptItem, "blob", "kept_items_days"),
    (Feedback, "body", "feedback_days"),
)


def sample_bodies(now: datetime) -> Iterator[None]:
    """Let go of bodies beyond the sample, of every issue that had events since the last time."""
    own = policies.policies()
    for project_id in _project_ids():
        most = own.get(project_id, policies.DEFAULT).bodies_per_issue
        cursor = f"sampled {project_id}"
        behind = first_at(now - _SETTLED)
        while seen := _issues_behind(project_id, intake_position(cursor), behind):
            last, issue_ids = seen
            for issue_id in issue_ids if most else ():
                yield from _sample_issue(project_id, issue_id, most)
            move_intake_position(last, cursor)
            yield


def keep_within_bytes(_now: datetime) -> Iterator[None]:
    """Let go of the oldest bodies of projects that have more bytes of them than they may."""
    for project_id, policy in policies.policies().items():
        if policy.most_bytes:
            yield from _keep_within(project_id, policy.most_bytes)


def remove_old(now: datetime) -> Iterator[None]:
    """Remove rows, and the blobs they name, that are older than their project keeps them."""
    own = policies.policies()
    for project_id in _project_ids():
        policy = own.get(project_id, policies.DEFAULT)
        for model, blob, age in _AGES:
            if days := getattr(policy, age):
                yield from _remove_before(model, blob, project_id, first_at(now - timedelta(days=days)))


def forget_repeats(now: datetime) -> Iterator[None]:
    """Forget envelopes and runs that are too old to come again."""
    before = now - timedelta(days=policies.ENVELOPES_DAYS)
    for project_id in _project_ids():
        last = UUID(int=0)
        rows = SeenEnvelope.objects.filter(project_id=project_id).order_by("envelope_id")
        while found := list(
            rows.filter(envelope_id__gt=last).values_list("envelope_id", "received_at")[:LOOKED_AT_ONCE]
        ):
            last = found[-1][0]
            old = [envelope_id for envelope_id, received_at in found if received_at < before]
            for start in range(0, len(old), ROWS_AT_ONCE):
                rows.filter(envelope_id__in=old[start : start + ROWS_AT_ONCE]).delete()
            yield
    sessions.prune(now - timedelta(days=policies.RUNS_DAYS))
    yield


def _project_ids() -> list[int]:
    return [project.pk for project in all_projects()]


def _issues_behind(project_id: int, position: int, behind: int) -> tuple[int, list[int]] | None:
    """Return the last of the next events and which issues these belong to; None when there are no more."""
    rows = Event.objects.filter(project_id=project_id, id__gt=position, id__lt=behind).order_by("id")
    found = list(rows.values_list("id", "issue_id")[:LOOKED_AT_ONCE])
    return (found[-1][0], sorted({issue_id for _, issue_id in found})) if found else None


def _sample_issue(project_id: int, issue_id: int, most: int) -> Iterator[None]:
    rows = with_body(Event.objects.filter(project_id=project_id, issue_id=issue_id))
    if rows.count() <= most:
        return
    kept = list(rows.values_list("id", "event_id", "release", "environment", "likeness", "variant"))
    wanted = _with_words_or_files(project_id, [event_id for _, event_id, *_ in kept])
    candidates = [Candidate(row_id, tuple(kind), event_id in wanted) for row_id, event_id, *kind in kept]
    yield from _let_bodies_go(project_id, surplus(candidates, most))


def _with_words_or_files(project_id: int, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the events that somebody wrote about, or that a file came with."""
    wanted: set[UUID] = set()
    for start in range(0, len(event_ids), ROWS_AT_ONCE):
        part = event_ids[start : start + ROWS_AT_ONCE]
        files = Attachment.objects.filter(project_id=project_id, event_id__in=part)
        words = Feedback.objects.filter(project_id=project_id, event_id__in=part)
        wanted |= set(files.values_list("event_id", flat=True))
        wanted |= {found for found in words.values_list("event_id", flat=True) if found}
    return wanted


def _let_bodies_go(project_id: int, row_ids: Sequence[int]) -> Iterator[None]:
    for start in range(0, len(row_ids), ROWS_AT_ONCE):
        part = row_ids[start : start + ROWS_AT_ONCE]
        with transaction.atomic():
            rows = Event.objects.filter(project_id=project_id, id__in=part)
            freed.free(list(rows.values_list("body", flat=True)))
            rows.update(body="")
        yield


def _keep_within(project_id: int, most_bytes: int) -> Iterator[None]:
    """Add up bodies from the newest on; let those go that lie behind the limit, save what must stay."""
    total, last = 0, 2**63 - 1
    rows = with_body(Event.objects.filter(project_id=project_id)).order_by("-id")
    while found := list(rows.filter(id__lt=last).values_list("id", "event_id", "body")[:LOOKED_AT_ONCE]):
        last = found[-1][0]
        beyond: list[tuple[int, UUID]] = []
        for row_id, event_id, body in found:
            total += parse(body).length
            if total > most_bytes:
                beyond.append((row_id, event_id))
        wanted = _with_words_or_files(project_id, [event_id for _, event_id in beyond])
        yield from _let_bodies_go(project_id, [row_id for row_id, event_id in beyond if event_id not in wanted])
        yield


def _remove_before(model: type[models.Model], blob: str, project_id: int, before: int) -> Iterator[None]:
    rows = model._default_manager.filter(project_id=project_id, id__lt=before).order_by("id")  # noqa: SLF001 - as above
    while True:
        with transaction.atomic():
            found = list(rows.values_list("id", blob)[:ROWS_AT_ONCE])
            if not found:
                return
            freed.free([reference for _, reference in found])
            same = model._default_manager.filter(project_id=project_id)  # noqa: SLF001 - as above
            same.filter(id__range=(found[0][0], found[-1][0])).delete()
        yield
