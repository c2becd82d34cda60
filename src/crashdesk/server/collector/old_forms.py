"""Old ways to report, brought into the form of today: the crash dialog of a page, and an event in an address."""

import binascii
from base64 import b64decode

from crashdesk.protocol.dsn import Dsn, DsnError
from crashdesk.protocol.envelope import Envelope, Item, normalise_event_id
from crashdesk.server.collector.authentication import Refused
from crashdesk.server.collector.requests import DIALOG, Request, fields

_LIMITS = {"name": 200, "email": 200, "comments": 10_000}


def brought_forward(request: Request, body: bytes) -> bytes:
    """Return the body of today's form for an old one; raises Refused when it says nothing."""
    return _words_of_dialog(request.query, body) if request.form == DIALOG else _event_in_address(request.query)


def _words_of_dialog(query: bytes, body: bytes) -> bytes:
    """Return the envelope of what a person wrote into a crash dialog."""
    named, said = fields(query), fields(body)
    event_id = normalise_event_id(named.get("eventId"))
    words = {name: said.get(name, "").strip()[:most] for name, most in _LIMITS.items()}
    if event_id is None or not words["comments"]:
        raise Refused(400, "not_a_comment")
    item = Item.from_json("user_report", {"event_id": event_id, **words})
    return Envelope({"event_id": event_id, "dsn": _checked(named.get("dsn"))}, [item]).to_bytes()


def _event_in_address(query: bytes) -> bytes:
    """Return the event that an image's address carries, as it would come in a body."""
    text = fields(query).get("sentry_data", "").encode()
    try:
        plain = b64decode(text.replace(b" ", b"+"), validate=True)
    except binascii.Error:
        return text
    return plain if plain.lstrip().startswith(b"{") else text


def _checked(text: str | None) -> str:
    try:
        return str(Dsn.parse(text or ""))
    except DsnError as error:
        raise Refused(401, "key_missing") from error
