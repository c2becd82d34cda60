"""Facts of one issue as its head and strip show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crashdesk import clock
from crashdesk.server.accounts import queries as accounts
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues.periods import PERIODS
from crashdesk.server.issues.queries import IssueChange
from crashdesk.server.triage import access, addresses, titles, words
from crashdesk.server.triage.looking_up import SeenIssue

MOST_RELEASES = 3


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the issue's head."""

    name: str
    label: Any
    icon: str
    key: str = ""


_RESOLVE = Action("resolve", gettext_lazy("Resolve"), "check", "e")
_IGNORE = Action("ignore", gettext_lazy("Ignore"), "mute")
_REOPEN = Action("reopen", gettext_lazy("Reopen"), "reopen")
ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "unresolved": (_RESOLVE, _IGNORE),
    "resolved": (_REOPEN,),
    "ignored": (_REOPEN, _RESOLVE),
}


def of(request: HttpRequest, seen: SeenIssue) -> dict[str, Any]:
    """Return what the head of the page shows, for this person's role."""
    row, project = seen.row, seen.project
    may_change = access.may(request, "event:write", project.id)
    return {
        "project": project,
        "short_id": addresses.name_of(project, row),
        "address": addresses.of_issue(project, row),
        "change_address": addresses.of_issue(project, row, "issue_change"),
        "events_address": addresses.of_issue(project, row, "events"),
        "title": titles.title(row),
        "value": titles.message(row),
        "kind": row.kind,
        "culprit": row.culprit,
        "state": row.state,
        "has_regressed": row.regressed_at is not None,
        "assignee": (row.assignee.name or row.assignee.email) if row.assignee else "",
        "assignee_id": row.assignee_id,
        "may_change": may_change,
        "actions": ACTIONS.get(row.state, ()),
        "people": _people(request, project.id) if may_change else [],
    }


def figures(seen: SeenIssue) -> dict[str, Any]:
    """Return what the strip below the head shows."""
    row = seen.row
    releases = issues.tagged(row, "release", limit=MOST_RELEASES)
    return {
        "event_count": row.event_count,
        "user_count": row.user_count,
        "feedback_count": row.feedback_count,
        "first_seen_at": row.first_seen_at,
        "last_seen_at": row.last_seen_at,
        "first_release": row.first_release,
        "last_release": row.last_release,
        "counts": issues.series_of([row], PERIODS["30d"], clock.now())[0],
        "releases": [(name, number, number / max(row.event_count, 1)) for name, number in releases],
    }


def _people(request: HttpRequest, project_id: int) -> list[dict[str, Any]]:
    """Return who can have the issue, this person first."""
    members = sorted(accounts.members_of(project_id), key=lambda user: user.pk != request.user.pk)
    return [
        {"id": user.pk, "name": _("me") if user.pk == request.user.pk else user.name or user.email} for user in members
    ]


def said_of(change: IssueChange) -> dict[str, Any]:
    """Return one line of the history as a sentence."""
    sentence = words.CHANGES.get(change.what)
    before, after = (_value(change.what, text) for text in (change.before, change.after))
    who = (change.user.name or change.user.email) if change.user else ""
    what = _(sentence) % {"before": before, "after": after} if sentence else change.what
    return {"at": change.at, "who": who, "what": what}


def _value(what: str, text: str) -> str:
    if what == "state":
        return _(words.STATES[text]) if text in words.STATES else text
    return text or _("nobody")
