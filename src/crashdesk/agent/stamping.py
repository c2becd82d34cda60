"""The one thing that is added to an envelope when it is sent: the time of sending, in its header line."""

from datetime import datetime

from crashdesk.protocol import jsontext
from crashdesk.protocol.envelope import normalise_event_id


class UnreadableEnvelopeError(Exception):
    """The stored bytes do not begin with an envelope header."""


def stamp(envelope: bytes, now: datetime) -> tuple[bytes, str | None]:
    """Return the envelope with ``sent_at`` in its header, and the event id that the server has to name.

    Items are passed on byte for byte and unread: attachments may be large.
    """
    line, newline, items = envelope.partition(b"\n")
    try:
        headers = jsontext.read(line)
    except ValueError as error:
        raise UnreadableEnvelopeError from error
    if not isinstance(headers, dict):
        raise UnreadableEnvelopeError
    headers["sent_at"] = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return jsontext.write(headers) + newline + items, normalise_event_id(headers.get("event_id"))
