"""What this processor did since its start, left in a file now and then for the metrics of its node."""

from datetime import datetime

from django.conf import settings

from crashdesk.server import figures
from crashdesk.server.figures import Figures
from crashdesk.server.issues.queries import issue_count

KEEP_EVERY_SECONDS = 5.0

FIGURES = Figures()


def note_batch(rows: int, seconds: float) -> None:
    """Count a batch that was stored."""
    FIGURES.counts["processed"] += rows
    FIGURES.batches.observe(seconds)


def note_failed() -> None:
    """Count a report that could not be processed."""
    FIGURES.counts["failed"] += 1


def keep(_now: datetime) -> None:
    """Leave the figures where the collector reads them."""
    if settings.CRASHDESK_DATA is None:
        return
    FIGURES.counts["issues"] = issue_count()
    figures.keep(FIGURES, settings.CRASHDESK_DATA, "processor")
