"""Answers to clients: status codes, headers and bodies that SDKs understand; a refusal names its rule.

Stock SDKs throw a report away on any error but 429, so a refusal is only for what can never be stored.
"""

import json
import math
from dataclasses import dataclass, replace
from typing import Any

from crashdesk.protocol.envelope import REASONS as ENVELOPE_REASONS
from crashdesk.protocol.items import ITEM_TYPES, UNKNOWN
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
    "busy": "Too much is being received at the moment: send it again later.",
}
RETRY_SECONDS = 30  # after which a sender may try again where we cannot know better
_NEVER_LIMITED = {"session", "internal"}  # small, and the account of what was lost would have a gap without them
LIMITED_CATEGORIES = tuple(sorted({row.category for row in (*ITEM_TYPES, UNKNOWN)} - _NEVER_LIMITED))

_CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
]
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST, OPTIONS"),
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

    def closing(self) -> "Answer":
        """Return the same answer for a connection that cannot go on, because its request was not read to its end."""
        return replace(self, headers=[*self.headers, _CLOSE])


def accepted(envelope_id: str | None) -> Answer:
    """Say that the report is safely stored; the id lets our agent be sure that it was this one."""
    return _json(200, {"id": envelope_id} if envelope_id else {}, _CORS)


def preflight() -> Answer:
    """Answer a browser's question what it may send."""
    return Answer(204, [*_CORS, *_PREFLIGHT], b"")


def refused(status: int, reason: str, retry_seconds: float | None = None) -> Answer:
    """Refuse a report; with `retry_seconds` the sender may come again after them."""
    headers = [*_CORS, (b"x-sentry-error", reason.encode())]
    if retry_seconds is not None:
        seconds = max(1, math.ceil(retry_seconds))
        headers.append((b"retry-after", str(seconds).encode()))
        if status == 429:
            limits = format_rate_limits([RateLimit(seconds, LIMITED_CATEGORIES, "key", reason)])
            headers.append((b"x-sentry-rate-limits", limits.encode()))
    return _json(status, {"detail": REASONS[reason], "causes": [reason]}, headers)


def plain(status: int, value: Any) -> Answer:
    """Answer a machine that asks for health: JSON, never cached."""
    return _json(status, value, [(b"cache-control", b"no-store")])


def _json(status: int, value: Any, headers: Headers) -> Answer:
    body = json.dumps(value, separators=(",", ":")).encode()
    length = str(len(body)).encode()
    return Answer(status, [*headers, (b"content-type", b"application/json"), (b"content-length", length)], body)
