"""What must be seen on the server after the tour: each bug as its own issue, with everything that explains it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from crashdesk.demo.fieldbook.bugs import BUGS, FEEDBACK_WORDS, Bug

Json = Mapping[str, Any]
_SNAPSHOT = ("os", "runtime", "device", "app", "qt")


class Api(Protocol):
    """The REST API of the server, asked with a token."""

    @property
    def org(self) -> str: ...

    @property
    def project(self) -> str: ...

    def get(self, path: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One bug as the server shows it; `missing` names what is not there (yet)."""

    bug: Bug
    issue: Json
    facts: str
    missing: tuple[str, ...]


def counts(api: Api) -> Counter[str]:
    """Return how many reports of each bug the server has."""
    issues = _issues(api)
    return Counter({bug.name: sum(int(row["count"]) for row in _issues_of(bug, issues)) for bug in BUGS})


def findings(api: Api, expected: Mapping[str, int]) -> list[Finding]:
    """Look for every bug; `expected` says how many reports there must be of each."""
    issues, words = _issues(api), _feedback(api)
    return [_finding(api, bug, _issues_of(bug, issues), words, expected[bug.name]) for bug in BUGS]


def is_feedback_there(api: Api) -> bool:
    """Tell whether the words that belong to no crash have arrived."""
    return any(row["comments"] == FEEDBACK_WORDS and row["eventID"] is None for row in _feedback(api))


def _issues(api: Api) -> list[Json]:
    found: list[Json] = api.get(f"projects/{api.org}/{api.project}/issues/")
    return found


def _feedback(api: Api) -> list[Json]:
    found: list[Json] = api.get(f"projects/{api.org}/{api.project}/user-feedback/")
    return found


def _issues_of(bug: Bug, issues: list[Json]) -> list[Json]:
    end = f"{bug.module} in {bug.function}"
    return [row for row in issues if row["metadata"].get("type") == bug.exception_type and row["culprit"].endswith(end)]


def _finding(api: Api, bug: Bug, issues: list[Json], words: list[Json], count: int) -> Finding:
    if len(issues) != 1:
        return Finding(bug, {}, "", ("the issue" if not issues else f"one issue (there are {len(issues)})",))
    issue = issues[0]
    event = api.get(f"issues/{issue['id']}/events/latest/")
    entries = {entry["type"]: entry["data"].get("values", []) for entry in event["entries"]}
    own = [frame for frame in _frames(entries) if frame.get("in_app")]
    steps = [step for step in entries.get("breadcrumbs", []) if str(step.get("category")).startswith("ui.")]
    missing = tuple(_missing(bug, issue, count, own, steps, event["contexts"], words))
    facts = f"({issue['count']} reports)" if issue["count"] != "1" else "(1 report)"
    return Finding(bug, issue, facts, missing)


def _missing(
    bug: Bug, issue: Json, count: int, own: list[Json], steps: list[Json], contexts: Json, words: list[Json]
) -> Iterator[str]:
    if issue["count"] != str(count):
        yield f"{count} reports of it (there are {issue['count']})"
    if not own or own[-1].get("function") != bug.function or not own[-1].get("context_line"):
        yield "the stack with its source"
    if not steps:
        yield "the steps before it"
    yield from (f"the snapshot ({name})" for name in _SNAPSHOT if not contexts.get(name))
    issue_words = [row["comments"] for row in words if (row.get("issue") or {}).get("id") == issue["id"]]
    if bug.words not in issue_words:
        yield "the user's words"


def _frames(entries: Mapping[str, list[Json]]) -> list[Json]:
    values = entries.get("exception", [])
    frames: list[Json] = ((values[-1].get("stacktrace") or {}).get("frames") or []) if values else []
    return frames
