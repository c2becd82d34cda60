"""Builders of rows in the server's tables; each test names only what it is about."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from crashdesk.server.accounts.models import User
from crashdesk.server.events.models import Event
from crashdesk.server.issues.models import Issue
from crashdesk.server.issues.recording import Occurrence, record
from crashdesk.server.projects import queries, services
from crashdesk.server.projects.models import Project

NOON = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
_rows = count(1)


def a_project(slug: str = "fieldbook") -> Project:
    """Create a project in the one organisation."""
    organisation = queries.organisation() or services.create_organisation("main")
    return services.create_project(organisation, slug)


def a_person(email: str = "anna@example.org") -> User:
    return User.objects.create(email=email, created_at=NOON)


def an_event(project_id: int, issue_id: int = 1, **more: Any) -> Event:
    """Store the row of an event."""
    fields = {
        "id": next(_rows),
        "event_id": uuid4(),
        "kind": "python",
        "level": "error",
        "happened_at": NOON,
        "received_at": NOON,
        "grouping_version": 1,
        "grouping_key": "k",
        "body": "",
        **more,
    }
    return Event.objects.create(project_id=project_id, issue_id=issue_id, **fields)


def an_occurrence(key: str = "k", **more: Any) -> Occurrence:
    fields = {
        "row_id": next(_rows),
        "kind": "python",
        "level": "error",
        "type": "KeyError",
        "value": "'x'",
        "culprit": "fieldbook.table in filter_rows",
        "happened_at": NOON,
        "release": "",
        "user_digest": "",
        "tags": (),
        **more,
    }
    return Occurrence(fingerprint=(1, key), **fields)


def an_issue(project_id: int, *occurrences: Occurrence, first_seen: dict[str, datetime] | None = None) -> Issue:
    """Record occurrences of one failure and return their issue as it is stored now."""
    found = record(project_id, occurrences or (an_occurrence(),), first_seen or {}, NOON)
    return Issue.objects.get(project_id=project_id, id=found[0])
