"""Answers to clients: status codes, headers and bodies that SDKs understand; a refusal names its rule.

Stock SDKs throw a report away on any error but 429, so a refusal is only for what can never be stored.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from crashdesk.protocol.envelope import REASONS as ENVELOPE_REASONS
from crashdesk.protocol.rate_limits import RateLimit, format_rate_limits

Headers = list[tuple[bytes, bytes]]

REASONS: dict[str, str] = {
    **ENVELOPE_REASONS,
    "not_an_event": "The body is not one event as a JSON object, nor base64 of zlib of one.",
    "body_too_large": "The body is larger than allowed.",
    "body_unpacks_too_large": "The body unpacks to more than is allowed.",
    "body_too_slow": "The body did not come within the time allowed.",
    "encoding_unknown": "The content encoding is none of gzip, deflate, br, zstd, identity.",
    "encoding_broken": "The body is not what its content encoding says.",
    "encoding_truncated": "The compressed body ends too early.",
    "key_missing": "No key: send it as X-Sentry-Auth or Authorization header, as sentry_key, or in the envelope's dsn.",
    "key_unknown": "The key is not known here: copy the DSN from the project's page.",
    "key_of_other_project": "The key belongs to another project: copy the DSN from the project's page.",
    "keys_disagree": "The request names more than one key.",
    "origin_not_allowed": "Reports from this origin are not allowed with this key.",
    "method_not_allowed": "Reports are sent by POST.",
    "key_rate": "This key sends more reports than allowed: wait as long as Retry-After says.",
    "storage_full": "Nothing can be stored at the moment: send it again later.",
    "project_quota": "This project sends more than its quota allows: wait as long as Retry-After says.",
    "spike": "This project suddenly sends far more than it usually does: wait as long as Retry-After says.",
    "not_a_security_report": "The body is no report of a browser as JSON.",
    "not_a_comment": "A crash dialog sends the event's id in the query, and name, email and comments as a form.",
    "form_broken": "The body is not a multipart form.",
    "form_truncated": "The multipart form ends too early.",
    "form_without_boundary": "The content type names no boundary of a multipart form.",
}
_OF_REQUESTS = {
    "key_missing", "key_unknown", "key_of_other_project", "keys_disagree", "origin_not_allowed", "method_not_allowed",
    "not_a_comment",
}  # fmt: skip
COUNTED = frozenset(REASONS) - _OF_REQUESTS  # what a project loses by, the rest says nothing about its reports

_CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
]
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"content-type, x-sentry-auth, authorization, content-encoding, sentry-trace, baggage, x-requested-with",
    ),
    (b"access-control-max-age", b"86400"),
]
_CLOSE = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: all but the transport."""

    status: int
    headers: Headers
    body: bytes

    @property
    def is_last(self) -> bool:
        """Whether the connection ends behind it."""
        return _CLOSE in self.headers

    def closing(self) -> "Answer":
        """Return the same answer for a connection that cannot go on, because its request was not read to its end."""
        return replace(self, headers=[*self.headers, _CLOSE])


_ACCEPTED: Headers = [*_CORS, (b"content-type", b"application/json")]
_ACCEPTED_TEXT: Headers = [*_CORS, (b"content-type", b"text/plain; charset=utf-8")]
_ACCEPTED_IMAGE: Headers = [*_CORS, (b"content-type", b"image/gif"), (b"cache-control", b"no-store")]
_IMAGE = (  # one transparent pixel
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def accepted(envelope_id: str | None, limits: Sequence[RateLimit] = ()) -> Answer:
    """Say that the report is safely stored; the id lets our agent be sure that it was this one.

    `limits` are what is not wanted from now on, or was not of this report.
    """
    body = b'{"id":"%s"}' % envelope_id.encode() if envelope_id else b"{}"
    return _answer(200, _with_limits(_ACCEPTED, limits), body)


def accepted_dump(event_id: str) -> Answer:
    """Say so to a crash handler, which keeps the text of the answer as its report's id."""
    return _answer(200, _ACCEPTED_TEXT, str(UUID(event_id)).encode())


def accepted_image() -> Answer:
    """Say so to a page that reports by loading an image."""
    return _answer(200, _ACCEPTED_IMAGE, _IMAGE)


def preflight() -> Answer:
    """Answer a browser's question what it may send."""
    return Answer(204, [*_CORS, *_PREFLIGHT], b"")


def refused(status: int, reason: str, retry_seconds: float | None = None, limits: Sequence[RateLimit] = ()) -> Answer:
    """Refuse a report; with `retry_seconds` the sender may come again after them, `limits` say with what."""
    headers = [*_CORS, (b"x-sentry-error", reason.encode())]
    if retry_seconds is not None:
        headers.append((b"retry-after", str(max(1, math.ceil(retry_seconds))).encode()))
    return _json(status, {"detail": REASONS[reason], "causes": [reason]}, _with_limits(headers, limits))


def plain(status: int, value: Any) -> Answer:
    """Answer a machine that asks for health: JSON, never cached."""
    return _json(status, value, [(b"cache-control", b"no-store")])


def _with_limits(headers: Headers, limits: Sequence[RateLimit]) -> Headers:
    return [*headers, (b"x-sentry-rate-limits", format_rate_limits(limits).encode())] if limits else headers


def _json(status: int, value: Any, headers: Headers) -> Answer:
    body = json.dumps(value, separators=(",", ":")).encode()
    return _answer(status, [*headers, (b"content-type", b"application/json")], body)


def _answer(status: int, headers: Headers, body: bytes) -> Answer:
    return Answer(status, [*headers, (b"content-length", str(len(body)).encode())], body)


FAILED = plain(500, {"detail": "The server failed; the reason is in its log."}).closing()
