"""Tables of what stands in addresses and queries: described once, for the OpenAPI document."""

from dataclasses import dataclass
from typing import Any

from crashdesk.server.issues.periods import PERIODS

_TEXT: dict[str, Any] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what it means and its JSON Schema; a list may be given several times."""

    help: str
    schema: dict[str, Any]


def _many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


IN_ADDRESS: dict[str, Parameter] = {
    "org": Parameter("Slug or id of the organisation.", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
    "name": Parameter("Slug or id of the project.", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
    "issue_id": Parameter("The number by which the API names an issue.", _TEXT),
    "event_id": Parameter("An event's id, 32 hex digits; dashes are allowed.", _TEXT),
    "file_id": Parameter("The id of a file.", _TEXT),
    "version": Parameter("The release, such as product@1.2.3.", _TEXT),
    "key": Parameter("The key of a tag.", _TEXT),
    "key_id": Parameter("A key's id: its public half.", _TEXT),
    "item_id": Parameter("The id of a kept item.", _TEXT),
    "short_id": Parameter("How people call an issue: FIELDBOOK-12.", _TEXT),
}

IN_QUERY: dict[str, Parameter] = {
    "cursor": Parameter("Where the page begins, as the Link header says.", _TEXT),
    "query": Parameter("What is looked for; in lists of issues the language of the search box.", _TEXT),
    "sort": Parameter("The order of issues.", {"type": "string", "enum": ["date", "new", "freq", "user"]}),
    "version_sort": Parameter("The order of releases.", {"type": "string", "enum": ["date", "semver"]}),
    "limit": Parameter("How many rows a page has at most.", {"type": "integer", "minimum": 1, "maximum": 100}),
    "statsPeriod": Parameter(
        f"How far back: a number with m, h, d or w, such as 24h. Lists of issues take {', '.join(PERIODS)} or none.",
        _TEXT,
    ),
    "project": Parameter("Only these projects, by id or slug; -1 stands for all.", _many(_TEXT)),
    "id": Parameter("Which issues, by id.", _many(_TEXT)),
    "status": Parameter("Only what is in this state.", _many(_TEXT)),
    "release_status": Parameter("Only releases of this status.", {"type": "string", "enum": ["open", "archived"]}),
    "stat": Parameter("Which figure.", {"type": "string", "enum": ["received", "accepted", "rejected", "blacklisted"]}),
    "environment": Parameter("Only these environments.", _many(_TEXT)),
    "field": Parameter("Which figures, such as sum(session) or crash_free_rate(user).", _many(_TEXT)),
    "groupBy": Parameter("By what figures are split.", _many(_TEXT)),
    "interval": Parameter("How long one step of a series is, such as 1h.", _TEXT),
    "start": Parameter("The first moment, RFC 3339.", _TEXT),
    "end": Parameter("The last moment, RFC 3339.", _TEXT),
    "download": Parameter("Any value: give the bytes.", _TEXT),
    "debug_id": Parameter("Only the file with this debug id.", _TEXT),
    "id_of_file": Parameter("The file that is meant.", _TEXT),
    "category": Parameter("Only these categories of items.", _many(_TEXT)),
}
