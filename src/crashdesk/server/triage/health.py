"""Whether reporting works: what came of a project's items, and how many of its runs and users met no crash."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from crashdesk.errors import CrashdeskError
from crashdesk.protocol.outcomes import Outcome, describe
from crashdesk.server.events.intakes import open_intake
from crashdesk.server.installation import Installation
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.sessions import queries as sessions
from crashdesk.server.sessions.queries import Range, Runs, Users
from crashdesk.server.triage import words

DAY, LONG = timedelta(days=1), timedelta(days=14)
MOST_RELEASES, MOST_LOSSES = 20, 40


@dataclass(frozen=True, slots=True)
class Account:
    """What came in the last 14 days and what became of it; `waiting_known` is False while nobody can count it."""

    rows: list[outcomes.Balance]
    losses: list["Loss"]
    more_losses: str
    waiting_known: bool

    @property
    def unexplained(self) -> int:
        return sum(abs(row.difference) for row in self.rows) if self.waiting_known else 0


@dataclass(frozen=True, slots=True)
class Loss:
    """Items that were not kept, or never sent, for one reason."""

    category: str
    where: str
    why: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Rates:
    """How one release did in one stretch of time; a share is a dash where there was no run, or no user."""

    runs: int
    free_runs: str
    free_users: str


@dataclass(frozen=True, slots=True)
class ReleaseHealth:
    """How one release did in the last 24 hours and in the last 14 days."""

    release: str
    day: Rates
    long: Rates

    @property
    def both(self) -> tuple[Rates, Rates]:
        return self.day, self.long


def account(project_id: int, now: datetime) -> Account:
    """Return the account of the last 14 days, with what waits now."""
    since, waiting = now - LONG, _waiting(project_id)
    sums = outcomes.sums([project_id], since)
    lost = [entry for entry in sums if entry.outcome != Outcome.ACCEPTED and entry.quantity]
    return Account(
        rows=sorted(outcomes.account([project_id], since, waiting), key=_place),
        losses=[_loss(entry) for entry in lost[:MOST_LOSSES]],
        more_losses=_more(len(lost) - MOST_LOSSES),
        waiting_known=waiting is not None,
    )


def releases(project_id: int, now: datetime) -> tuple[list[ReleaseHealth], str]:
    """Return the releases with most runs in the last 14 days, and in words how many others there were."""
    day, long = (_rates(project_id, now - length, now) for length in (DAY, LONG))
    nothing = Rates(0, words.NOTHING, words.NOTHING)
    shown = [ReleaseHealth(release, day.get(release, nothing), rates) for release, rates in long.items()]
    return shown[:MOST_RELEASES], _more(len(shown) - MOST_RELEASES)


def share_without(whole: Runs | Users) -> str:
    """Write which share met no crash, never rounded up: 100 % is said only where there was none."""
    if not whole.total:
        return words.NOTHING
    thousandths = max(0, whole.total - whole.crashed) * 1000 // whole.total
    return f"{thousandths // 10}.{thousandths % 10} %" if thousandths < 1000 else "100 %"


def _rates(project_id: int, since: datetime, until: datetime) -> dict[str, Rates]:
    return {
        part.group["release"]: Rates(part.runs.total, share_without(part.runs), share_without(part.users))
        for part in sessions.totals(Range([project_id], since, until), ["release"])
    }


def _place(row: outcomes.Balance) -> int:
    names = list(words.CATEGORIES)
    return names.index(row.category) if row.category in names else len(names)


def _loss(entry: outcomes.OutcomeSum) -> Loss:
    is_client = entry.outcome == Outcome.CLIENT_DISCARD
    return Loss(
        category=entry.category,
        where=_("never sent") if is_client else _("dropped here"),
        why=describe(entry.reason) or entry.reason or _("No reason was given."),
        quantity=entry.quantity,
    )


def _waiting(project_id: int) -> Mapping[str, int] | None:
    """Return how many items of which type wait; None while nobody can tell."""
    if settings.CRASHDESK_DATA is None:
        return None
    try:
        with closing(open_intake(Installation.read(settings.CRASHDESK_DATA))) as intake:
            return Counter(intake.waiting_items([project_id]))
    except CrashdeskError:
        return None


def _more(number: int) -> str:
    return _("and %(count)d more") % {"count": number} if number > 0 else ""
