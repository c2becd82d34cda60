"""Events from what browsers report on broken policies of pages: Content Security Policy, Expect-CT and their like.

They are grouped by directive and blocked host, whatever the page and the rest of the address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crashdesk.protocol import foreign

KIND = "security"
TAG_LIMIT = 200
_WITHOUT_HOST = frozenset({"inline", "eval", "self", "data", "blob", "wasm-eval", "trusted-types-policy"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One form of report: under which key or type it comes, the words for it, and the fields that tell it apart."""

    names: tuple[str, ...]
    title: str
    host: str
    page: str


_CSP = _Kind(("csp-report", "csp-violation", "csp"), "", "blocked-uri", "document-uri")
_KINDS = (
    _CSP,
    _Kind(("expect-ct-report", "expect_ct"), "Expect-CT failed for", "hostname", ""),
    _Kind(("expect-staple-report", "expect_staple"), "Expect-Staple failed for", "hostname", ""),
    _Kind(("known-pins", "hpkp"), "Public key pinning failed for", "hostname", ""),
)


def event_of(report: Mapping[str, Any], content_type: str = "") -> dict[str, Any] | None:
    """Return the event of one report; None for an object that is none of a known form."""
    found = _body(report)
    if found is None:
        return None
    kind, body = found
    said = _csp(body) if kind is _CSP else _other(kind, body)
    options = parse_qs("&".join(map(str.strip, content_type.split(";")[1:])))
    named = {name: options[f"sentry_{name}"][0] for name in ("release", "environment") if f"sentry_{name}" in options}
    return {
        "level": "error",
        "platform": "other",
        "logger": "security",
        "contexts": {"crashdesk": {"kind": KIND}, "security_report": dict(body)},
        **({"request": {"url": said.page}} if said.page else {}),
        "logentry": {"formatted": said.title},
        "fingerprint": [KIND, *said.group],
        "tags": [[name, value[:TAG_LIMIT]] for name, value in said.tags.items() if value],
        **named,
    }


@dataclass(frozen=True, slots=True)
class _Said:
    """What a report says, in our words."""

    title: str
    group: tuple[str, ...]
    tags: dict[str, str]
    page: str


def _csp(body: Mapping[str, Any]) -> _Said:
    directive = _directive(body)
    blocked = _text(body, "blocked-uri") or _text(body, "blocked-url")
    host = _host(blocked)
    tags = {"effective-directive": directive, "blocked-uri": blocked, "disposition": _text(body, "disposition")}
    page = _text(body, "document-uri") or _text(body, "document-url")
    return _Said(f"Blocked '{directive}' from '{host}'", (directive, host), tags, page)


def _other(kind: _Kind, body: Mapping[str, Any]) -> _Said:
    host = _text(body, kind.host) or "unknown"
    tags = {"hostname": host, "port": _text(body, "port")}
    return _Said(f"{kind.title} '{host}'", (kind.names[0], host), tags, "")


def _body(report: Mapping[str, Any]) -> tuple[_Kind, dict[str, Any]] | None:
    """Return the kind of a report and its fields, under whichever of its keys they come, named with hyphens."""
    for kind in _KINDS:
        for name in kind.names:
            inner = report.get("body") if report.get("type") == name else report.get(name)
            if isinstance(inner, Mapping):
                return kind, _hyphened(inner)
            if inner is not None:  # key pinning puts its fields beside each other
                return kind, _hyphened(report)
    return None


def _hyphened(body: Mapping[str, Any]) -> dict[str, Any]:
    """Name fields as the older form does: documentURL becomes document-url."""
    return {_CAMEL.sub("-", name).replace("_", "-").lower(): value for name, value in body.items()}


def _directive(body: Mapping[str, Any]) -> str:
    told = _text(body, "effective-directive") or _text(body, "violated-directive")
    return told.split(" ")[0] or "unknown directive"


def _host(blocked: str) -> str:
    """Return what was blocked without path and query: a host, or the word for what has none."""
    if not blocked or blocked in _WITHOUT_HOST:
        return blocked or "self"
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return "unknown"
    return parts.hostname or f"{parts.scheme}:" if parts.scheme else blocked[:TAG_LIMIT]


def _text(body: Mapping[str, Any], name: str) -> str:
    return (foreign.text(body.get(name)) or "").strip()
