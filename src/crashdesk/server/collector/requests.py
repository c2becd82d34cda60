"""Table of the addresses for reports, and one request for one of them, taken apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from crashdesk.server.collector.forwarded import Sender
from crashdesk.server.intake.reading import ENVELOPE, MINIDUMP, SECURITY, STORE

DIALOG, BEACON = "dialog", "beacon"  # old forms: a crash dialog, and an event in the address of an image
_REPORT = re.compile(r"/api/([0-9]{1,18})/([a-z-]+)/?")
_TUNNEL = re.compile(r"/tunnel/?")
_DIALOG = re.compile(r"/api/embed/error-page/?")
_ROUTES = {
    "envelope": ENVELOPE,
    "store": STORE,
    "minidump": MINIDUMP,
    "security": SECURITY,
    "csp-report": SECURITY,
    "nel": SECURITY,
}
_ENVELOPE_TYPE = b"application/x-sentry-envelope"
_OF_PAGE = ("sentry_release", "sentry_environment")  # what a page's policy says in the address of its reports
_MOST_FIELDS = 50
_TYPE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a report; `project_id` is None where only the body or the query names it.

    `form` is DIALOG or BEACON for a body that must first be brought into the form of its route.
    """

    route: str
    project_id: str | None
    headers: Mapping[bytes, bytes]
    query: bytes
    sender: Sender
    form: str = ""

    @property
    def encoding(self) -> str:
        if self.form:
            return ""
        return self.headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()

    @property
    def origin(self) -> str | None:
        origin = self.headers.get(b"origin")
        return None if origin is None else origin.decode("latin-1")

    @property
    def content_type(self) -> str:
        """What the row must know to read the body: of a form its boundary, of a browser's report its page."""
        if self.route == MINIDUMP:
            return self.headers.get(b"content-type", b"").decode("latin-1")[:_TYPE_LIMIT]
        if self.route != SECURITY:
            return ""
        kind = self.headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip()
        words = [f"{name}={quote(text)}" for name, text in fields(self.query).items() if name in _OF_PAGE]
        return "; ".join([kind, *words])[:_TYPE_LIMIT]


def report_request(
    method: str, path: str, headers: Mapping[bytes, bytes], query: bytes, sender: Sender
) -> Request | None:
    """Take a request for a report apart; None for every other request."""
    found = _REPORT.fullmatch(path)
    if found is not None and found[2] in _ROUTES:
        route, form = _ROUTES[found[2]], ""
        if route == STORE:
            if headers.get(b"content-type", b"").startswith(_ENVELOPE_TYPE):
                route = ENVELOPE  # an early SDK posts envelopes to store/
            elif method == "GET" and b"sentry_data=" in query:
                form = BEACON
        return Request(route, found[1], headers, query, sender, form)
    if _TUNNEL.fullmatch(path):
        return Request(ENVELOPE, None, headers, query, sender)
    if _DIALOG.fullmatch(path):
        return Request(ENVELOPE, None, headers, query, sender, DIALOG)
    return None


def fields(query: bytes) -> dict[str, str]:
    """Return the fields of a query or of a form; none when it is broken."""
    try:
        pairs = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return dict(pairs)
