"""What is remembered of a person beside reports: digests, values of tags, words in titles and histories.

A digest is replaced by one of chance, the same everywhere, so that every number of users stays exact and nobody can
tell any more whose it was. The count of a tag's value goes to the value "[erased]".
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterator

from django.db import models, transaction

from crashdesk.server.events.counters import add_counts
from crashdesk.server.events.models import Event
from crashdesk.server.issues.erasure.person import ERASED, Person
from crashdesk.server.issues.models import Issue, IssueChange, IssueTag, IssueUser, MergedIssue, ProjectTag, UserDay
from crashdesk.server.releases.models import ReleaseCommit
from crashdesk.server.sessions.models import SessionRun, SessionUser

_WITH_DIGEST: tuple[type[models.Model], ...] = (Event, IssueUser, UserDay, SessionRun, SessionUser)
_WITH_TAGS: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (IssueTag, ("project_id", "issue_id", "key", "value")),
    (ProjectTag, ("project_id", "key", "value")),
)
_WITH_TEXT: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Issue, ("type", "value", "culprit")),
    (IssueChange, ("before", "after")),
)
_OF_COMMIT = ("author_name", "author_email", "message")
AT_ONCE = 500


def events_of(person: Person, project_id: int) -> Iterator[Event]:
    """Yield the person's own events of a project, told by their digests."""
    rows = Event.objects.filter(project_id=project_id, user_digest__in=person.digests(project_id))
    yield from rows.only("id", "event_id", "project_id").iterator(chunk_size=AT_ONCE)


def forget_digests(digests: Collection[str], project_id: int, counts: Counter[str]) -> None:
    """Let all that was counted for these users be of users whom nobody knows."""
    for digest in digests:
        replacement = secrets.token_hex(8)
        for model in _WITH_DIGEST:
            rows = model._default_manager.filter(project_id=project_id, user_digest=digest)  # noqa: SLF001 - Django's way
            counts["traces"] += rows.update(user_digest=replacement)


def forget_tags(person: Person, project_id: int, counts: Counter[str]) -> None:
    """Count values of tags that name the person as "[erased]"."""
    for model, keys in _WITH_TAGS:
        rows = model._default_manager.filter(project_id=project_id, value__icontains=person.text)  # noqa: SLF001 - as above
        for row in list(rows.values(*keys, "count")):
            if not (person.is_in_text(row["value"]) or row["value"].strip().lower() == person.text.lower()):
                continue
            count = row.pop("count")
            with transaction.atomic():
                add_counts(model, keys, {tuple({**row, "value": ERASED}.values()): count})
                counts["traces"] += model._default_manager.filter(**row).delete()[0]  # noqa: SLF001 - as above


def forget_words(person: Person, project_id: int, counts: Counter[str]) -> None:
    """Take what names the person out of the titles of issues and out of their histories."""
    for model, columns in _WITH_TEXT:
        for column in columns:
            rows = model._default_manager.filter(project_id=project_id, **{f"{column}__icontains": person.text})  # noqa: SLF001 - as above
            for row_id, text in list(rows.values_list("id", column)):
                if (without := person.without(text)) != text:
                    found = model._default_manager.filter(project_id=project_id, id=row_id)  # noqa: SLF001 - as above
                    counts["traces"] += found.update(**{column: without[: len(text) + len(ERASED)][:1000]})
    _forget_authors(person, project_id, counts)
    for row in MergedIssue.objects.filter(project_id=project_id).iterator():
        if (without_facts := person.without_in(row.facts)) != row.facts:
            found = MergedIssue.objects.filter(project_id=project_id, child_id=row.child_id)
            counts["traces"] += found.update(facts=without_facts)


def _forget_authors(person: Person, project_id: int, counts: Counter[str]) -> None:
    """Take the person out of the commits that releases were made of."""
    wanted = models.Q()
    for column in _OF_COMMIT:
        wanted |= models.Q(**{f"{column}__icontains": person.text})
    for row in ReleaseCommit.objects.filter(wanted, project_id=project_id).iterator():
        told = {column: getattr(row, column) for column in _OF_COMMIT}
        changed = {column: person.without(text) for column, text in told.items() if person.without(text) != text}
        if changed:
            same = ReleaseCommit.objects.filter(project_id=project_id, version=row.version, position=row.position)
            counts["traces"] += same.update(**changed)
