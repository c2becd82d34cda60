"""Events and attachments as Sentry's REST API writes them."""

from collections.abc import Mapping
from typing import Any, TypedDict

from crashdesk.protocol.event import EventView
from crashdesk.server.api.answers import time
from crashdesk.server.api.schemas import HexId, Time
from crashdesk.server.events.queries import NOT_KEPT, Attachment, Event
from crashdesk.server.grouping.reading import mapping, text

_USER_FIELDS = ("id", "email", "username", "name", "ip_address")
_LISTS = ("exception", "breadcrumbs", "threads")
_OBJECTS = ("request", "debug_meta")


class TagPair(TypedDict):
    """One tag of an event."""

    key: str
    value: str


ListedEvent = TypedDict(
    "ListedEvent",
    {
        "id": HexId,
        "eventID": HexId,
        "groupID": str,
        "projectID": str,
        "title": str,
        "message": str,
        "platform": str,
        "type": str,
        "event.type": str,
        "dateCreated": Time,
        "user": dict[str, str] | None,
        "tags": list[TagPair],
        "isKept": bool,
    },
)


class Entry(TypedDict):
    """One part of an event: exception, breadcrumbs, threads, request, message."""

    type: str
    data: dict[str, Any]


class WholeEvent(ListedEvent):
    """An event with all it holds; `isKept` is false where only its row and its counts are kept."""

    dateReceived: Time
    dist: str | None
    release: dict[str, str] | None
    culprit: str
    contexts: dict[str, Any]
    context: dict[str, Any]
    packages: dict[str, Any]
    sdk: dict[str, str] | None
    fingerprints: list[str]
    errors: list[Any]
    entries: list[Entry]
    metadata: dict[str, str]


class AttachmentShape(TypedDict):
    """A file that came with an event or with a user's words."""

    id: str
    event_id: HexId
    name: str
    type: str
    mimetype: str
    size: int
    sha1: str | None
    sha256: str
    dateCreated: Time


class EventPlace(TypedDict):
    """Where an event's id leads."""

    organizationSlug: str
    projectSlug: str
    groupId: str
    eventId: HexId
    event: ListedEvent


def tags_of(row: Event, view: EventView) -> list[TagPair]:
    """Return the tags, those that every event has first, each key once."""
    handled = {True: "yes", False: "no", None: ""}[view.handled]
    found = {"level": row.level, "release": row.release, "environment": row.environment, "handled": handled}
    for key, value in view.tags:
        found.setdefault(key, value)
    return [{"key": key, "value": value} for key, value in found.items() if value]


def user_of(view: EventView) -> dict[str, str] | None:
    """Return the user, all text."""
    return {name: text(view.user.get(name)) for name in _USER_FIELDS if text(view.user.get(name))} or None


def metadata_of(view: EventView) -> dict[str, str]:
    chain = view.exceptions
    return {"type": chain[-1].type, "value": chain[-1].value} if chain else {"title": view.title()}


def listed(row: Event, body: Mapping[str, Any], title: str = "") -> ListedEvent:
    """Return an event as lists hold it; without a release, whose object some clients cannot read here.

    `title` is that of its issue, for an event without a body.
    """
    view = EventView(body)
    return {
        "id": row.event_id.hex,
        "eventID": row.event_id.hex,
        "groupID": str(row.issue_id),
        "projectID": str(row.project_id),
        "title": view.title() if body else title,
        "message": view.message,
        "platform": view.platform,
        "type": _type_of(view),
        "event.type": _type_of(view),
        "dateCreated": time(row.happened_at),
        "user": user_of(view),
        "tags": tags_of(row, view),
        "isKept": bool(body),
    }


def whole(row: Event, body: Mapping[str, Any], title: str = "") -> WholeEvent:
    """Return an event with all it holds."""
    view = EventView(body)
    name, version = view.sdk
    return {
        **listed(row, body, title),
        "dateReceived": time(row.received_at),
        "dist": view.dist,
        "release": {"version": row.release} if row.release else None,
        "culprit": view.culprit(),
        "contexts": dict(mapping(body.get("contexts"))),
        "context": dict(mapping(body.get("extra"))),
        "packages": dict(mapping(body.get("modules"))),
        "sdk": {"name": name, "version": version} if name else None,
        "fingerprints": [row.grouping_key],
        "errors": [] if body else [{"type": "not_kept", "message": NOT_KEPT}],
        "entries": _entries(view),
        "metadata": metadata_of(view),
    }


def _type_of(view: EventView) -> str:
    return "error" if view.exceptions else "default"


def _entries(view: EventView) -> list[Entry]:
    found: list[Entry] = [
        {"type": name, "data": {"values": _values(view.payload[name])}} for name in _LISTS if view.payload.get(name)
    ]
    found += [{"type": name, "data": dict(mapping(view.payload[name]))} for name in _OBJECTS if view.payload.get(name)]
    if view.message:
        found.append({"type": "message", "data": {"formatted": view.message}})
    return found


def _values(node: Any) -> list[Any]:
    found = node.get("values", [node]) if isinstance(node, dict) else node
    return found if isinstance(found, list) else []


def attachment(row: Attachment, sha1: str | None = None) -> AttachmentShape:
    """Return a file's facts; its SHA-1 only where the bytes were read anyway."""
    return {
        "id": str(row.id),
        "event_id": row.event_id.hex,
        "name": row.name,
        "type": row.attachment_type,
        "mimetype": row.content_type,
        "size": row.size_bytes,
        "sha1": sha1,
        "sha256": row.sha256,
        "dateCreated": time(row.received_at),
    }
