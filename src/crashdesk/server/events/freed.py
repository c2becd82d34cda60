"""What becomes of bodies whose rows go: counted as free space of their pack, removed, or overwritten, after the commit.

The first half of each change belongs into the transaction that changes the rows, so that nothing is forgotten; the
second is `carry_out`, whenever nobody moves or copies blobs.
"""

from collections import Counter
from collections.abc import Iterable

from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.counters import add_counts
from crashdesk.server.events.models import FreedPack, GoneBlob
from crashdesk.server.intake.blobs.references import parse

CARRIED_OUT_AT_ONCE = 200


def free(references: Iterable[str]) -> None:
    """Note, in the transaction in which rows let go of these blobs, that their space can be given back."""
    gone = [reference for reference in references if reference]
    add_freed(_packed_bytes(gone))
    _note_gone([reference for reference in gone if parse(reference).is_large], is_erased=False)


def erase_later(references: Iterable[str]) -> None:
    """Note, likewise, that these blobs are to be overwritten; `carry_out` does it."""
    gone = [reference for reference in references if reference]
    add_freed(_packed_bytes(gone))
    _note_gone(gone, is_erased=True)


def add_freed(bytes_of: Counter[str]) -> None:
    """Note how many bytes of packs no row names any more."""
    add_counts(FreedPack, ["name"], {(name,): freed for name, freed in bytes_of.items()})


def carry_out() -> int:
    """Remove and overwrite a portion of what was noted; return how many blobs that was, 0 when nothing is left.

    Belongs outside of a transaction, and to whoever holds ``events.moving``.
    """
    rows = list(GoneBlob.objects.order_by("reference")[:CARRIED_OUT_AT_ONCE])
    if not rows:
        return 0
    store = blobs()
    store.erase([row.reference for row in rows if row.is_erased])
    store.discard([row.reference for row in rows if not row.is_erased])
    GoneBlob.objects.filter(reference__in=[row.reference for row in rows]).delete()
    return len(rows)


def _packed_bytes(references: Iterable[str]) -> Counter[str]:
    freed: Counter[str] = Counter()
    for place in map(parse, references):
        if not place.is_large:
            freed[place.name] += place.length
    return freed


def _note_gone(references: Iterable[str], *, is_erased: bool) -> None:
    rows = [GoneBlob(reference=reference, is_erased=is_erased) for reference in sorted(set(references))]
    GoneBlob.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["reference"], update_fields=["is_erased"]
    ) if is_erased else GoneBlob.objects.bulk_create(rows, ignore_conflicts=True)
