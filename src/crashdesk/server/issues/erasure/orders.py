"""The ways to have data erased: by person, by the secret of a report, by project. Each leaves one line of who and when.

They may run beside a running server. Repeating one that was cut short finishes it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hmac import compare_digest
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.protocol.withdrawal import digest_of, read_digest
from crashdesk.server.events import freed
from crashdesk.server.events.bodies import blobs, said_by_us
from crashdesk.server.events.models import Erasure, Event
from crashdesk.server.events.moving import moving
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.installation import Installation
from crashdesk.server.issues.erasing import carry_out_now, erase_issue
from crashdesk.server.issues.erasure import files, finding, projects, removing, traces
from crashdesk.server.issues.erasure.finding import Hit
from crashdesk.server.issues.erasure.person import Person
from crashdesk.server.issues.models import Issue
from crashdesk.server.projects.queries import all_projects

Say = Callable[[str], None]
PERSON, PROJECT, WITHDRAWAL = "person", "project", "withdrawal"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of what was erased, by words of ours."""

    counts: dict[str, int]


def erase_person(person: Person, by: str, say: Say = print) -> Erased:
    """Erase all that names a person: bodies, words, files, failed reports, tags, digests; counts stay exact.

    `by` says who asked for it, for the one line that is kept. Raises StorageError when something could not be erased
    yet; what was done stays done, and calling it again does the rest.
    """
    server = _server()
    files.wait_until_processed(server, say)
    files.overwrite_deleted()
    counts: Counter[str] = Counter()
    with moving():
        theirs = _remove_found(person, counts, say)
        _remove_rest(person, theirs, counts, say)
        _overwrite_blobs(say)
    _note(PERSON, by, person.project_id, counts)
    files.rewrite(server, say)
    return Erased(dict(counts))


def erase_project(project_id: int, by: str, say: Say = print) -> Erased:
    """Erase a project with everything of it; its keys are taken away first, so that nothing more comes."""
    server = _server()
    projects.close(project_id)
    files.wait_until_processed(server, say)
    files.overwrite_deleted()
    counts: Counter[str] = Counter()
    with moving():
        for name, number in projects.remove(project_id):
            counts[name] += number
            say(f"Erased {number} rows of {name}.")
        _overwrite_blobs(say)
    _note(PROJECT, by, project_id, counts)
    files.rewrite(server, say)
    return Erased(dict(counts))


def withdraw(project_id: int, report_id: UUID, secret: str) -> bool:
    """Erase the report with this id when `secret` is the one its sender kept; return whether that was so.

    An issue that knows of no other event goes with it: its title is what this report said.
    """
    rows = [
        Event.objects.filter(project_id=project_id, event_id=report_id).exclude(body="").first(),
        Feedback.objects.filter(project_id=project_id, feedback_id=report_id).exclude(body="").first(),
    ]
    owned = [row for row in rows if row is not None and _is_owned(row.body, secret)]
    if not owned:
        return False
    files.overwrite_deleted()
    counts: Counter[str] = Counter()
    with transaction.atomic():
        removing.remove_words(Feedback.objects.filter(project_id=project_id, feedback_id=report_id), counts)
    removing.remove_what_came_with([(project_id, report_id)], counts)
    carry_out_now()
    _erase_issue_of_one(project_id, report_id)
    _note(WITHDRAWAL, "its sender", project_id, counts)
    return True


def _erase_issue_of_one(project_id: int, report_id: UUID) -> None:
    row = Event.objects.filter(project_id=project_id, event_id=report_id).first()
    if row and Issue.objects.filter(project_id=project_id, id=row.issue_id, event_count=1).exists():
        erase_issue(project_id, row.issue_id)


def _is_owned(reference: str, secret: str) -> bool:
    try:
        said: Any = said_by_us(orjson.loads(blobs().read(reference)))
    except StorageError:
        return False
    kept = read_digest(said.get("withdrawal_digest"))
    return bool(kept) and compare_digest(kept, digest_of(secret))


def _remove_found(person: Person, counts: Counter[str], say: Say) -> removing.Keys:
    theirs: removing.Keys = set()
    found = finding.hits(person, say)
    while portion := _next(found):
        theirs |= removing.remove_hits(portion, counts)
    return theirs


def _remove_rest(person: Person, theirs: removing.Keys, counts: Counter[str], say: Say) -> None:
    say("Looking through words, files and failed reports.")
    removing.remove_words_of(person, counts)
    removing.remove_files_named(person, counts)
    removing.remove_failed(finding.failed_reports(person), counts)
    for project_id in [person.project_id] if person.project_id else [found.pk for found in all_projects()]:
        say("Looking through users, tags and titles.")
        own = {(project_id, row.event_id) for row in traces.events_of(person, project_id)}
        removing.remove_what_came_with(own | {key for key in theirs if key[0] == project_id}, counts)
        digests = person.digests(project_id) | _digests_of(theirs, project_id)
        with transaction.atomic():
            traces.forget_digests(digests, project_id, counts)
        traces.forget_tags(person, project_id, counts)
        traces.forget_words(person, project_id, counts)


def _digests_of(theirs: removing.Keys, project_id: int) -> set[str]:
    """Return under which digests the person's own events were counted: by their id, if they told it beside a name."""
    found: set[str] = set()
    event_ids = iter(sorted(event_id for project, event_id in theirs if project == project_id))
    while part := list(islice(event_ids, removing.AT_ONCE)):
        rows = Event.objects.filter(project_id=project_id, event_id__in=part).exclude(user_digest="")
        found |= set(rows.values_list("user_digest", flat=True))
    return found


def _next(found: Iterator[Hit]) -> list[Hit]:
    return list(islice(found, removing.AT_ONCE))


def _overwrite_blobs(say: Say) -> None:
    """Overwrite what was noted, and what killed writers left; belongs to whoever holds ``events.moving``."""
    done = 0
    while portion := freed.carry_out():
        done += portion
        say(f"Overwrote {done} bodies and files.")
    for pack in blobs().packs(with_open=True):
        blobs().clean(pack.name)


def _note(kind: str, by: str, project_id: int | None, counts: Counter[str]) -> None:
    Erasure.objects.create(at=clock.now(), by=by[:254], kind=kind, project_id=project_id, counts=dict(counts))


def _server() -> Installation:
    data = settings.CRASHDESK_DATA
    if data is None:
        raise StorageError("No data directory is set: name it with --data or CRASHDESK_DATA.")
    return Installation.read(data)
