"""How much of a project is kept how long: one table of what can be said, its defaults, and each project's own words."""

from collections.abc import Mapping
from dataclasses import dataclass

from crashdesk.errors import UsageError
from crashdesk.server.events.models import RetentionPolicy


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that a policy says; 0 stands for no limit."""

    name: str
    default: int
    unit: str
    help: str


LIMITS: tuple[Limit, ...] = (
    Limit("events_days", 90, "days", "Age at which events go with their bodies; every count of them stays."),
    Limit("bodies_per_issue", 100, "number", "Bodies kept of an issue's events: the first, the last, a mixture."),
    Limit("most_bytes", 0, "bytes", "Most bytes of bodies of events of the project; the oldest bodies go first."),
    Limit("attachments_days", 90, "days", "Age at which attached files go."),
    Limit("feedback_days", 0, "days", "Age at which users' own words go."),
    Limit("failed_days", 30, "days", "Age at which reports go that could not be processed."),
    Limit("kept_items_days", 30, "days", "Age at which items go that are only kept."),
)
ENVELOPES_DAYS, RUNS_DAYS = 30, 7  # how long repeats are recognised, and how long an ended run waits for a late update
MOST = 2**31 - 1
MOST_BYTES = 2**62


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one project, in the units of `LIMITS`."""

    events_days: int
    bodies_per_issue: int
    most_bytes: int
    attachments_days: int
    feedback_days: int
    failed_days: int
    kept_items_days: int


DEFAULT = Policy(**{limit.name: limit.default for limit in LIMITS})


def policy(project_id: int) -> Policy:
    """Return what holds for a project."""
    row = RetentionPolicy.objects.filter(project_id=project_id).values(*_NAMES).first()
    return Policy(**row) if row else DEFAULT


def policies() -> Mapping[int, Policy]:
    """Return what holds for those projects that have words of their own."""
    rows = RetentionPolicy.objects.values("project_id", *_NAMES)
    return {row.pop("project_id"): Policy(**row) for row in rows}


def set_policy(project_id: int, changes: Mapping[str, int]) -> Policy:
    """Change what holds for a project; what `changes` does not name stays. Raises UsageError for what cannot be."""
    for name, number in changes.items():
        if name not in _NAMES:
            raise UsageError(f"A policy says nothing of {name!r}: use one of {', '.join(_NAMES)}.")
        most = MOST_BYTES if name == "most_bytes" else MOST
        if not 0 <= number <= most or (name == "bodies_per_issue" and number == 1):
            raise UsageError(f"{name} cannot be {number}: 0 stands for no limit, and an issue keeps at least 2 bodies.")
    before = policy(project_id)
    values = {name: changes.get(name, getattr(before, name)) for name in _NAMES}
    RetentionPolicy.objects.update_or_create(project_id=project_id, defaults=values)
    return Policy(**values)


_NAMES = tuple(limit.name for limit in LIMITS)
