"""What browsers report on a broken policy of a page, in each of its forms: one object, or a list of reports.

Content Security Policy (report-uri and report-to), Expect-CT, Expect-Staple, key pinning, network errors.
"""

from typing import Any

import orjson

from crashdesk.protocol import jsontext
from crashdesk.protocol.items import item_type
from crashdesk.server.intake.encodings import RefusedBody

MOST_REPORTS = 100
MOST_BYTES = item_type("raw_security").max_bytes
_NETWORK_ERROR = "network-error"


def security_reports(decoded: bytes) -> list[dict[str, Any]]:
    """Return the reports of a decoded body as they came, the first MOST_REPORTS; raises RefusedBody."""
    if len(decoded) > MOST_BYTES:
        raise RefusedBody("item_too_large", 413)
    found = _json(jsontext.bounded(decoded))
    reports = found if isinstance(found, list) else [found]
    objects = [report for report in reports[:MOST_REPORTS] if isinstance(report, dict)]
    if not objects:
        raise RefusedBody("not_a_security_report")
    return objects


def item_of(report: dict[str, Any]) -> str:
    """Return as which item type a report counts."""
    return "nel" if report.get("type") == _NETWORK_ERROR else "security"


def _json(decoded: bytes) -> Any:
    try:
        return orjson.loads(decoded)
    except orjson.JSONDecodeError:
        try:
            return jsontext.read_any_depth(decoded.decode("utf-8", "replace").encode())
        except ValueError as error:
            raise RefusedBody("not_a_security_report") from error
