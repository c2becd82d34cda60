"""What the terms of a query select, as conditions on the table of issues."""

from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q

from crashdesk.server.issues.models import IssueTag
from crashdesk.server.issues.search import TEXT, Term
from crashdesk.server.issues.states import REGRESSED, STATES


def conditions(terms: Iterable[Term], *, me: int | None = None) -> Q:
    """Return the condition that all `terms` hold; `me` is the person behind ``assignee:me``."""
    found = Q()
    for term in terms:
        condition = _CONDITIONS.get(term.key, _tag)(term, me)
        found &= ~condition if term.is_negated else condition
    return found


def _text(term: Term, _: int | None) -> Q:
    return Q(type__icontains=term.value) | Q(value__icontains=term.value) | Q(culprit__icontains=term.value)


def _is(term: Term, _: int | None) -> Q:
    if term.value in STATES:
        return Q(state=term.value)
    if term.value == REGRESSED:
        return Q(regressed_at__isnull=False)
    return Q(assignee__isnull=term.value == "unassigned")


def _has(term: Term, _: int | None) -> Q:
    return {"feedback": Q(feedback_count__gt=0), "user": Q(user_count__gt=0), "release": ~Q(last_release="")}[
        term.value
    ]


def _assignee(term: Term, me: int | None) -> Q:
    if term.value == "none":
        return Q(assignee__isnull=True)
    if term.value == "me":
        return Q(assignee_id=me) if me is not None else Q(pk__in=[])
    return Q(assignee__email__iexact=term.value)


def _column(name: str) -> Callable[[Term, int | None], Q]:
    def condition(term: Term, _: int | None) -> Q:
        return Q(**{f"{name}__{'istartswith' if term.is_prefix else 'iexact'}": term.value})

    return condition


def _tag(term: Term, _: int | None) -> Q:
    match = "value__startswith" if term.is_prefix else "value"
    tags = IssueTag.objects.filter(
        project_id=OuterRef("project_id"), issue_id=OuterRef("id"), key=term.key, **{match: term.value}
    )
    return Q(Exists(tags))


_CONDITIONS: dict[str, Callable[[Term, int | None], Q]] = {
    TEXT: _text,
    "is": _is,
    "has": _has,
    "kind": _column("kind"),
    "level": _column("level"),
    "type": _column("type"),
    "assignee": _assignee,
}
