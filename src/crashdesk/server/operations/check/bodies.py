"""Bodies and files: whether what rows name can be read, and what lies there that nothing names."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from crashdesk.errors import StorageError
from crashdesk.server.events.bodies import blobs
from crashdesk.server.installation import Installation
from crashdesk.server.intake import sqlite
from crashdesk.server.intake.blobs import Kind, Stored
from crashdesk.server.intake.incoming import DIRECTORY
from crashdesk.server.issues.holders import HOLDERS, Holder, named
from crashdesk.server.operations.check.finding import ERROR, NOTE, OK, WARNING, Finding, Surroundings

_SAMPLE = 200
_AT_ONCE = 500
_RESTORE = "Restore them from a backup; the events themselves are there."


def references(name: str, around: Surroundings) -> Iterator[Finding]:
    """Read what rows name: the newest of each table, or all of them."""
    for holder in HOLDERS:
        read, lost = 0, []
        for reference in _references(holder, None if around.is_deep else _SAMPLE):
            read += 1
            try:
                for _ in blobs().pieces(reference):
                    pass
            except StorageError as error:
                if _is_still_named(holder, reference):  # else it was moved or removed while we looked
                    lost.append(str(error))
        what = f"{holder.kind.name.lower()}: {read} read"
        if lost:
            yield Finding(ERROR, name, f"{what}, {len(lost)} of them cannot be: {lost[0]}", _RESTORE)
        elif read:
            yield Finding(OK, name, what)


def strays(name: str, around: Surroundings) -> Iterator[Finding]:
    """Count files that nothing names: what a crash left; they go by themselves."""
    found = dict(_stray_files(around.server))
    if around.is_deep:
        found["large files that no row names"] = _unnamed_large()
    found = {what: number for what, number in found.items() if number}
    for what, number in found.items():
        yield Finding(NOTE, name, f"{number} {what}", "The server removes them by itself, at its start or once a day.")
    backups = len(list(around.server.data.parent.glob(f".{around.server.data.name}.restoring")))
    if backups:
        what = f"{around.server.data.parent} holds what an interrupted restore left."
        yield Finding(WARNING, name, what, "Remove it, or restore again.")
    if not found and not backups:
        yield Finding(OK, name, "none")


def _references(holder: Holder, most: int | None) -> Iterator[str]:
    rows = holder.model._base_manager.exclude(**{holder.reference: ""}).order_by("-pk")  # noqa: SLF001 - all
    values = rows.values_list(holder.reference, flat=True)
    yield from values[:most].iterator(chunk_size=_AT_ONCE) if most else values.iterator(chunk_size=_AT_ONCE)


def _is_still_named(holder: Holder, reference: str) -> bool:
    return bool(holder.model._base_manager.filter(**{holder.reference: reference}).exists())  # noqa: SLF001 - as above


def _stray_files(server: Installation) -> Iterator[tuple[str, int]]:
    """Yield kinds of files on their way that nobody waits for, and how many there are."""
    directory = server.data / DIRECTORY
    if directory.is_dir() and server.intake.exists():
        there = {path.name for path in directory.iterdir()}
        with closing(sqlite.open_for_reading(server.intake)) as file:
            known = {name for (name,) in file.execute("SELECT body_file FROM intake WHERE body_file <> ''")}
        yield "large bodies that no waiting report names (some may be coming in right now)", len(there - known)
    yield "temporary files", sum(1 for path in server.data.glob(".*.new"))
    yield "half-written files of the bodies", sum(1 for path in server.blobs.glob("large/*/*.new"))


def _unnamed_large() -> int:
    count = 0
    portion: list[Stored] = []
    for stored, _ in blobs().large():
        if stored.owner.kind is not Kind.INTAKE:  # those are named by rows that wait
            portion.append(stored)
        if len(portion) >= _AT_ONCE:
            count += _not_named(portion)
            portion = []
    return count + _not_named(portion)


def _not_named(portion: Sequence[Stored]) -> int:
    rows = named(portion)
    return sum(1 for stored in portion if stored.reference not in rows)
