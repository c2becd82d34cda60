"""What the terms of a query select, as conditions on the table of issues."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from crashdesk.server.events.models import Event
from crashdesk.server.issues.counting import ALL_VALUES, RELEASE
from crashdesk.server.issues.models import IssueTag, MergedIssue, ProjectTag
from crashdesk.server.issues.names import parse_short_id
from crashdesk.server.issues.search import TEXT, Term
from crashdesk.server.issues.states import REGRESSED, STATES
from crashdesk.server.projects.models import Project

_EVENT_ID = re.compile(r"[0-9a-f]{8,32}", re.ASCII)  # pages shorten ids to 8 digits, people copy those
MOST_NAMES = 500  # of releases that one term may mean, to be looked up one by one


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, behind ``assignee:me``, and for which projects."""

    project_ids: Collection[int]
    me: int | None = None


def conditions(terms: Iterable[Term], asked: Asked) -> Q:
    """Return the condition that all `terms` hold."""
    found = Q()
    for term in terms:
        condition = _CONDITIONS.get(term.key, _tag)(term, asked)
        found &= ~condition if term.is_negated else condition
    return found


def _text(term: Term, _: Asked) -> Q:
    found = Q(type__icontains=term.value) | Q(value__icontains=term.value) | Q(culprit__icontains=term.value)
    return found | _named(term.value) | _with_event(term.value)


def _named(value: str) -> Q:
    """Return the condition for an issue's name, such as FIELDBOOK-12: its own, or of one that was merged into it."""
    name = parse_short_id(value)
    if name is None:
        return Q()
    merged = MergedIssue.objects.filter(project_id=OuterRef("project_id"), parent_id=OuterRef("id"))
    is_numbered = Q(number=name.number) | Q(Exists(merged.filter(child_number=name.number)))
    return Q(Exists(Project.objects.filter(id=OuterRef("project_id"), slug=name.slug))) & is_numbered


def _with_event(value: str) -> Q:
    """Return the condition for an event's id, or for its beginning."""
    digits = value.replace("-", "").lower()
    if not _EVENT_ID.fullmatch(digits):
        return Q()
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    events = Event.objects.filter(project_id=OuterRef("project_id"), event_id__range=(first, last))
    return Q(Exists(events.filter(issue_id=OuterRef("id"))))


def _is(term: Term, _: Asked) -> Q:
    if term.value in STATES:
        return Q(state=term.value)
    if term.value == REGRESSED:
        return Q(regressed_at__isnull=False)
    return Q(assignee__isnull=term.value == "unassigned")


def _has(term: Term, _: Asked) -> Q:
    return {"feedback": Q(feedback_count__gt=0), "user": Q(user_count__gt=0), "release": ~Q(last_release="")}[
        term.value
    ]


def _assignee(term: Term, asked: Asked) -> Q:
    if term.value == "none":
        return Q(assignee__isnull=True)
    if term.value == "me":
        return Q(assignee_id=asked.me) if asked.me is not None else Q(pk__in=[])
    return Q(assignee__email__iexact=term.value)


def _column(name: str) -> Callable[[Term, Asked], Q]:
    def condition(term: Term, _: Asked) -> Q:
        return Q(**{f"{name}__{'istartswith' if term.is_prefix else 'iexact'}": term.value})

    return condition


def _tag(term: Term, _: Asked) -> Q:
    return _tagged(term.key, Q(**{"value__startswith" if term.is_prefix else "value": term.value}))


def _release(term: Term, asked: Asked) -> Q:
    """Return the condition for a release: called product@version, named by the version alone too, as the list does.

    The names that are meant are looked up first: there are few, and an issue is then found by its key.
    """
    if term.is_prefix:
        named = Q(value__startswith=term.value) | Q(value__contains=f"@{term.value}")
    else:
        named = Q(value=term.value) | Q(value__endswith=f"@{term.value}")
    known = ProjectTag.objects.filter(named, project_id__in=asked.project_ids, key=RELEASE).exclude(value=ALL_VALUES)
    names = set(known.values_list("value", flat=True)[:MOST_NAMES])
    return _tagged(RELEASE, named if len(names) == MOST_NAMES else Q(value__in=names))


def _tagged(key: str, value: Q) -> Q:
    tags = IssueTag.objects.filter(value, project_id=OuterRef("project_id"), issue_id=OuterRef("id"), key=key)
    return Q(Exists(tags))


_CONDITIONS: dict[str, Callable[[Term, Asked], Q]] = {
    TEXT: _text,
    "is": _is,
    "has": _has,
    "kind": _column("kind"),
    "level": _column("level"),
    "type": _column("type"),
    "release": _release,
    "assignee": _assignee,
}
