"""Events and attachments as Sentry's REST API writes them."""

from collections.abc import Mapping
from typing import Any

from crashdesk.protocol.event import EventView
from crashdesk.server.api.answers import time
from crashdesk.server.events.queries import Attachment, Event
from crashdesk.server.grouping.reading import mapping, text

_USER_FIELDS = ("id", "email", "username", "name", "ip_address")
_LISTS = ("exception", "breadcrumbs", "threads")
_OBJECTS = ("request", "debug_meta")


def tags_of(row: Event, view: EventView) -> list[dict[str, str]]:
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


def listed(row: Event, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as lists hold it; without a release, whose object some clients cannot read here."""
    view = EventView(body)
    return {
        "id": row.event_id.hex,
        "eventID": row.event_id.hex,
        "groupID": str(row.issue_id),
        "projectID": str(row.project_id),
        "title": view.title(),
        "message": view.message,
        "platform": view.platform,
        "type": _type_of(view),
        "event.type": _type_of(view),
        "dateCreated": time(row.happened_at),
        "user": user_of(view),
        "tags": tags_of(row, view),
    }


def whole(row: Event, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with all it holds."""
    view = EventView(body)
    name, version = view.sdk
    return listed(row, body) | {
        "dateReceived": time(row.received_at),
        "dist": view.dist,
        "release": {"version": row.release} if row.release else None,
        "culprit": view.culprit(),
        "contexts": mapping(body.get("contexts")),
        "context": mapping(body.get("extra")),
        "packages": mapping(body.get("modules")),
        "sdk": {"name": name, "version": version} if name else None,
        "fingerprints": [row.grouping_key],
        "errors": [],
        "entries": _entries(view),
        "metadata": metadata_of(view),
    }


def _type_of(view: EventView) -> str:
    return "error" if view.exceptions else "default"


def _entries(view: EventView) -> list[dict[str, Any]]:
    found = [
        {"type": name, "data": {"values": _values(view.payload[name])}} for name in _LISTS if view.payload.get(name)
    ]
    found += [{"type": name, "data": mapping(view.payload[name])} for name in _OBJECTS if view.payload.get(name)]
    if view.message:
        found.append({"type": "message", "data": {"formatted": view.message}})
    return found


def _values(node: Any) -> list[Any]:
    found = node.get("values", [node]) if isinstance(node, dict) else node
    return found if isinstance(found, list) else []


def attachment(row: Attachment, sha1: str | None = None) -> dict[str, Any]:
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
