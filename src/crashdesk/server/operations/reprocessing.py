"""Trying again what could not be processed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crashdesk.errors import UsageError
from crashdesk.server.administration import start_on
from crashdesk.server.operations import projects


@dataclass(frozen=True, slots=True)
class Order:
    """Which reports: of a project, with a text in their reason or in their bytes, received since a day."""

    project: str | None
    reason: str
    text: str
    since: str | None
    is_dry_run: bool


def run(data: Path, order: Order, say: Callable[[str], None]) -> dict[str, Any]:
    """Process the reports again and return how many were found, are stored now, and failed again."""
    start_on(data)
    from crashdesk.server.processor.reprocessing import Selection, reprocess  # after Django's start

    project_ids = [projects.found(order.project).pk] if order.project else None
    selection = Selection(project_ids, order.reason, _day(order.since), order.text)
    result = reprocess(selection, lambda done, of: say(f"{done} of {of} reports"), is_dry_run=order.is_dry_run)
    return asdict(result)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day: write it like 2026-03-01.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
