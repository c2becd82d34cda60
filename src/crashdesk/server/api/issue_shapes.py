"""Issues, their tags and users' words as Sentry's REST API writes them: ids, counts and levels are text."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from django.conf import settings

from crashdesk.server.api.answers import time
from crashdesk.server.api.schemas import HexId, Text, Time
from crashdesk.server.feedback.queries import Feedback
from crashdesk.server.issues.names import short_id
from crashdesk.server.issues.queries import Issue
from crashdesk.server.issues.tags import Tag, TagValue


class ProjectName(TypedDict):
    """Which project it is."""

    id: str
    slug: str
    name: str


class Assignee(TypedDict):
    """Who has an issue."""

    type: str
    id: str
    name: str
    email: str


class IssueShape(TypedDict):
    """An issue: events judged to have one cause."""

    id: str
    shortId: str
    title: str
    culprit: str
    permalink: str
    level: str
    status: str
    substatus: str | None
    count: str
    userCount: int
    userReportCount: int
    firstSeen: Time
    lastSeen: Time
    type: str
    metadata: dict[str, str]
    project: ProjectName
    assignedTo: Assignee | None


class IssueWithHistory(IssueShape):
    """One issue, with what its page shows besides."""

    firstRelease: dict[str, str] | None
    lastRelease: dict[str, str] | None
    tags: list[dict[str, Any]]
    mergedIssues: list[str]


Status = Literal["resolved", "unresolved", "ignored", "muted", "resolvedInNextRelease"]


class IssueChanges(TypedDict):
    """What shall become of issues; whatever else Sentry's clients send is left out."""

    status: NotRequired[Status]
    assignedTo: NotRequired[Annotated[str, Text(most=254)] | None]
    merge: NotRequired[int]


class Merged(TypedDict):
    """Which issue took in which others."""

    parent: str
    children: list[str]


class IssuesChanged(TypedDict):
    """What was done to the issues."""

    status: NotRequired[str]
    assignedTo: NotRequired[Assignee | None]
    merge: NotRequired[Merged]


class ShortIdShape(TypedDict):
    """Where a short id leads."""

    organizationSlug: str
    projectSlug: str
    groupId: str
    shortId: str
    group: IssueShape


class TagValueShape(TypedDict):
    """One value of a tag, and in how many events it came."""

    key: str
    value: str
    name: str
    count: int


class TagShape(TypedDict):
    """One tag of an issue with its most frequent values."""

    key: str
    name: str
    totalValues: int
    uniqueValues: int
    topValues: list[TagValueShape]


class FeedbackShape(TypedDict):
    """A user's words, whichever way they came."""

    id: HexId
    eventID: HexId | None
    name: str
    email: str
    comments: str
    dateCreated: Time
    kind: str
    url: str | None
    source: str | None
    issue: dict[str, str] | None


class FeedbackBody(TypedDict):
    """A user's words about an event."""

    event_id: NotRequired[Annotated[str, Text(most=36)]]
    eventID: NotRequired[Annotated[str, Text(most=36)]]
    name: NotRequired[Annotated[str, Text(most=200)]]
    email: NotRequired[Annotated[str, Text(most=254)]]
    comments: Annotated[str, Text(least=1, most=100_000)]


def issue(row: Issue, project: Any) -> IssueShape:
    """Return one issue; `project` is the one through which it was found."""
    name = short_id(project.slug, row.number)
    return {
        "id": str(row.id),
        "shortId": name,
        "title": row.title,
        "culprit": row.culprit,
        "permalink": f"{settings.CRASHDESK_URL.rstrip('/')}/issues/{name}/",
        "level": row.level,
        "status": row.state,
        "substatus": "regressed" if row.regressed_at else None,
        "count": str(row.event_count),
        "userCount": row.user_count,
        "userReportCount": row.feedback_count,
        "firstSeen": time(row.first_seen_at),
        "lastSeen": time(row.last_seen_at),
        "type": "error" if row.type else "default",
        "metadata": {"type": row.type, "value": row.value} if row.type else {"title": row.value},
        "project": {"id": str(project.id), "slug": project.slug, "name": project.name},
        "assignedTo": assignee(row.assignee),
    }


def whole(row: Issue, project: Any, tags: list[Tag], merged: list[str]) -> IssueWithHistory:
    """Return one issue with its releases, its tags and what was merged into it."""
    return {
        **issue(row, project),
        "firstRelease": {"version": row.first_release} if row.first_release else None,
        "lastRelease": {"version": row.last_release} if row.last_release else None,
        "tags": [{"key": entry.key, "name": entry.key, "totalValues": entry.count} for entry in tags],
        "mergedIssues": merged,
    }


def assignee(person: Any) -> Assignee | None:
    if person is None:
        return None
    return {"type": "user", "id": str(person.pk), "name": person.name or person.email, "email": person.email}


def tag(row: Tag) -> TagShape:
    return {
        "key": row.key,
        "name": row.key,
        "totalValues": row.count,
        "uniqueValues": row.distinct,
        "topValues": [tag_value(row.key, entry) for entry in row.values],
    }


def tag_value(key: str, row: TagValue) -> TagValueShape:
    return {"key": key, "value": row.value, "name": row.value, "count": row.count}


def feedback(row: Feedback) -> FeedbackShape:
    """Return a user's words."""
    return {
        "id": row.feedback_id.hex,
        "eventID": row.event_id.hex if row.event_id else None,
        "name": row.name,
        "email": row.email,
        "comments": row.message,
        "dateCreated": time(row.received_at),
        "kind": row.kind,
        "url": row.url or None,
        "source": row.source or None,
        "issue": {"id": str(row.issue_id)} if row.issue_id else None,
    }
