"""Gives the space of bodies back: packs of which most is free are written anew, blobs that no row names are removed.

Records name their owner, so the row of each is found; rows are changed before the old pack goes, so that a crash at any
point leaves every row readable. Belongs to whoever holds ``events.moving``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from crashdesk import logs
from crashdesk.server.events import freed
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.lasting import make_lasting
from crashdesk.server.events.models import FreedPack
from crashdesk.server.intake.blobs import Kind, Pack, Record, Stored
from crashdesk.server.issues.holders import named, renamed

_log = logs.logger("processor")

FREED_SHARE = 0.5  # a pack of which more than this is free is written anew
ROLLED_BYTES = 4_000_000  # a smaller pack is not worth another one
REST = timedelta(minutes=15)  # a younger blob may belong to a transaction that has not committed yet
REST_ON_THE_WAY = timedelta(days=7)  # its row waits on a node for as long as the database is away
RECORDS_AT_ONCE, BYTES_AT_ONCE = 100, 1_000_000


def compact(now: datetime) -> Iterator[None]:
    """Write those packs anew that are mostly free; the one that is written to is ended first, and comes later."""
    freed_bytes = dict(FreedPack.objects.values_list("name", "freed_bytes"))
    if not freed_bytes:
        return
    if any(_is_wasteful(pack, freed_bytes) and pack.stored_bytes > ROLLED_BYTES for pack in _open_packs()):
        blobs().roll()
    before = (now - REST).timestamp()
    for pack in blobs().packs():
        if pack.written_at < before and _is_wasteful(pack, freed_bytes):
            yield from rewrite(pack.name)


def rewrite(pack: str) -> Iterator[None]:
    """Move what rows still name of a pack to the newest one, and remove the pack."""
    for portion in _portions(pack):
        _move(portion)
        yield
    make_lasting()  # else a power loss could bring back rows that name the old pack
    blobs().remove(pack)
    FreedPack.objects.filter(name=pack).delete()
    yield


def remove_unnamed(now: datetime) -> Iterator[None]:
    """Remove large blobs whose rows were never committed or are gone."""
    portion: list[Stored] = []
    for stored, written_at in blobs().large():
        rest = REST_ON_THE_WAY if stored.owner.kind is Kind.INTAKE else REST
        if written_at < (now - rest).timestamp():
            portion.append(stored)
        if len(portion) >= RECORDS_AT_ONCE:
            _discard_unnamed(portion)
            portion = []
            yield
    _discard_unnamed(portion)
    yield


def remove_half_written(now: datetime) -> Iterator[None]:
    """Remove what a crash left of large blobs, and say so."""
    if found := blobs().left_behind((now - REST).timestamp()):
        _log.info("removed %d files that a crash had left half written", len(found))
    yield


def _open_packs() -> list[Pack]:
    finished = {pack.name for pack in blobs().packs()}
    return [pack for pack in blobs().packs(with_open=True) if pack.name not in finished]


def _is_wasteful(pack: Pack, freed_bytes: Mapping[str, int]) -> bool:
    return freed_bytes.get(pack.name, 0) > pack.stored_bytes * FREED_SHARE


def _portions(pack: str) -> Iterator[list[Stored]]:
    portion: list[Stored] = []
    size = 0
    for stored in blobs().records(pack):
        if stored.owner.kind is Kind.ERASED:
            continue
        portion.append(stored)
        size += stored.stored_bytes
        if len(portion) >= RECORDS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _move(portion: Sequence[Stored]) -> None:
    live = named(portion)
    staying = [stored for stored in portion if stored.reference in live]
    store = blobs()
    references = store.append([Record(stored.owner, store.read(stored.reference)) for stored in staying])
    with transaction.atomic():
        freed.free(renamed(zip(staying, references, strict=True)))


def _discard_unnamed(portion: Sequence[Stored]) -> None:
    live = named(portion)
    blobs().discard([stored.reference for stored in portion if stored.reference not in live])
