"""Every write of chunks, debug files and bundles but their assembly, which is in ``assembling``."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from crashdesk.server.events import bodies
from crashdesk.server.events.ids import new_id
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.symbols.limits import KEPT_HOURS
from crashdesk.server.symbols.models import ArtifactBundle, ArtifactFile, Chunk, DebugFile


def store_chunk(user_id: int, sha1: str, pieces: Iterable[bytes], size: int, now: datetime) -> None:
    """Keep a chunk whose SHA-1 was checked; a known one is kept once and for another day.

    Its blob is not in a pack: it goes as a whole when its file is complete or a day is over.
    """
    if Chunk.objects.filter(user_id=user_id, sha1=sha1).update(received_at=now):
        return
    row_id = new_id(now)
    blob = bodies.blobs().put(pieces, Owner(Kind.CHUNK, 0, row_id))
    _, is_new = Chunk.objects.get_or_create(
        user_id=user_id,
        sha1=sha1,
        defaults={"id": row_id, "size_bytes": size, "received_at": now, "blob": blob},
    )
    if not is_new:  # the same chunk came by another request in the meantime
        bodies.blobs().discard([blob])


def forget_chunks(now: datetime, most: int = 1000) -> int:
    """Forget chunks for which no file came within a day; return how many."""
    old = list(Chunk.objects.filter(received_at__lt=now - timedelta(hours=KEPT_HOURS)).order_by("received_at")[:most])
    for row in old:
        Chunk.objects.filter(user_id=row.user_id, sha1=row.sha1, received_at=row.received_at).delete()
    bodies.blobs().discard([row.blob for row in old])
    return len(old)


def delete_debug_file(row: DebugFile) -> None:
    """Delete a debug file with its bytes."""
    DebugFile.objects.filter(project_id=row.project_id, id=row.id).delete()
    bodies.blobs().discard([row.blob])


def delete_bundle(row: ArtifactBundle) -> None:
    """Delete a bundle with its bytes."""
    with transaction.atomic():
        ArtifactFile.objects.filter(project_id=row.project_id, bundle_row=row.id).delete()
        ArtifactBundle.objects.filter(project_id=row.project_id, id=row.id).delete()
    bodies.blobs().discard([row.blob])
