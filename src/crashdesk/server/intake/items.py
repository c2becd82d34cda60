"""The door's note of what it saw in a body, ``event=1 attachment=2`` by names of item types, read back and added up."""

from collections import Counter
from collections.abc import Collection, Iterable

from crashdesk.server.intake.seen import read


def counts(items: str) -> dict[str, int]:
    """Return how many items of each type a row of the intake names."""
    return {entry.name: entry.quantity for entry in read(items)}


def sum_of_items(rows: Iterable[tuple[int, str, int]], project_ids: Collection[int] | None = None) -> Counter[str]:
    """Add up rows of project, items and the number of bodies with these; of all projects when none is named."""
    total: Counter[str] = Counter()
    for project_id, items, bodies in rows:
        if project_ids is None or project_id in project_ids:
            for name, number in counts(items).items():
                total[name] += number * bodies
    return total
