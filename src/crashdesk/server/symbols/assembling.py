"""Puts files together from their chunks: asked again and again by the client until it says ok or error.

Small files while the client waits; large ones on a thread of the web process, with their state in a row: every process
can tell it, and begins anew when that one was killed. Chunks stay for a day, since other files may share them.
"""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from crashdesk import clock
from crashdesk.errors import CrashdeskError, StorageError, UsageError
from crashdesk.logs import logger
from crashdesk.server.events import bodies
from crashdesk.server.events.ids import new_id
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.symbols import bundles, debug_ids, kinds, queries
from crashdesk.server.symbols.limits import FILE_BYTES, INLINE_BYTES, MOST_CHUNKS, STALE_SECONDS
from crashdesk.server.symbols.models import ArtifactBundle, ArtifactFile, Assembly, Chunk, DebugFile

NOT_FOUND, CREATED, ASSEMBLING, OK, ERROR = "not_found", "created", "assembling", "ok", "error"
STATES = (NOT_FOUND, CREATED, ASSEMBLING, OK, ERROR)
DEBUG_FILE, BUNDLE = "debug", "bundle"

MOST_BESIDE = 2  # of a process: each takes a thread and the disk space of its file
_beside_now = threading.BoundedSemaphore(MOST_BESIDE)

_log = logger("symbols")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that shall be put together for a project, out of the chunks that a person uploaded."""

    project_id: int
    user_id: int
    kind: str
    checksum: str
    chunks: Sequence[str]
    name: str = ""
    debug_id: str = ""
    release: str = ""
    dist: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: a state, the chunks that must be uploaded first, why it failed, the file when it is there."""

    state: str
    missing: list[str] = field(default_factory=list)
    detail: str = ""
    file: DebugFile | None = None


def assemble(wanted: Wanted, now: datetime, make_sure_of_room: Callable[[int], None] = lambda _: None) -> Progress:
    """Return how far this file is, and go on with it as far as its chunks are there.

    `make_sure_of_room` raises StorageError when the disk does not take so many bytes.
    """
    found = _existing(wanted)
    if found is not None:
        return found
    if not wanted.chunks:
        return Progress(NOT_FOUND)
    if len(wanted.chunks) > MOST_CHUNKS:
        return Progress(ERROR, detail=f"The file has more than the {MOST_CHUNKS} chunks that this server takes.")
    missing = queries.missing_chunks(wanted.user_id, wanted.chunks)
    if missing:
        return Progress(NOT_FOUND, missing)
    size = queries.size_of_chunks(wanted.user_id, wanted.chunks)
    if size > FILE_BYTES:
        return Progress(ERROR, detail=f"The file is larger than the {FILE_BYTES} bytes that this server takes.")
    make_sure_of_room(2 * size)  # as it is put together, and as it is kept
    return _build(wanted) if size <= INLINE_BYTES else _beside(wanted, now)


def keep_whole(project_id: int, name: str, pieces: Iterable[bytes]) -> DebugFile:
    """Keep a debug file that came in one piece; raises UsageError for what is none, StorageError."""
    digest = hashlib.sha1(usedforsecurity=False)
    with tempfile.TemporaryFile(dir=settings.CRASHDESK_DATA) as whole:
        for piece in pieces:
            digest.update(piece)
            whole.write(piece)
        wanted = Wanted(project_id, 0, DEBUG_FILE, digest.hexdigest(), (), name)
        found = _existing(wanted) or _keep_debug_file(wanted, whole)
    if found.file is None:
        raise StorageError("The file was deleted at this moment: upload it again.")
    return found.file


def _existing(wanted: Wanted) -> Progress | None:
    if wanted.kind == DEBUG_FILE:
        row = queries.debug_file_with_checksum(wanted.project_id, wanted.checksum)
        return None if row is None else Progress(OK, file=row)
    same = ArtifactBundle.objects.filter(project_id=wanted.project_id, checksum=wanted.checksum)
    is_there = same.filter(release=wanted.release, dist=wanted.dist).exists()
    return Progress(OK) if is_there else None


def _beside(wanted: Wanted, now: datetime) -> Progress:
    """Tell how the assembly on a thread stands; begin it when nobody does, who did was killed, and a thread is free."""
    if not _beside_now.acquire(blocking=False):
        return Progress(ASSEMBLING)  # whoever asks again finds it begun when one is free
    is_begun = False
    try:
        told = _told_or_mine(wanted, now)
        if told is None:
            threading.Thread(target=_build_beside, args=(wanted,), name="assembly", daemon=True).start()
            is_begun = True
        return told or Progress(ASSEMBLING)
    finally:
        if not is_begun:
            _beside_now.release()


def _told_or_mine(wanted: Wanted, now: datetime) -> Progress | None:
    """Return how an assembly stands that another one began; None when it is ours to do now."""
    key = {"project_id": wanted.project_id, "kind": wanted.kind, "checksum": wanted.checksum}
    try:
        with transaction.atomic():
            row, is_mine = Assembly.objects.get_or_create(**key, defaults={"state": ASSEMBLING, "changed_at": now})
            if row.state == ERROR:
                Assembly.objects.filter(**key).delete()  # told once; who asks again tries again
                return Progress(ERROR, detail=row.detail)
            is_dead = now - row.changed_at > timedelta(seconds=STALE_SECONDS)
            if is_dead:
                still = Assembly.objects.filter(**key, changed_at=row.changed_at)
                is_mine = still.update(changed_at=now) == 1
    except IntegrityError:  # another process begins at this moment
        is_mine = False
    return None if is_mine else Progress(ASSEMBLING)


def _build_beside(wanted: Wanted) -> None:
    try:
        row = Assembly.objects.filter(project_id=wanted.project_id, kind=wanted.kind, checksum=wanted.checksum)
        done = _build(wanted)
        if done.state == OK:
            row.delete()
        else:
            row.update(state=ERROR, detail=done.detail[:300], changed_at=clock.now())
    finally:
        _beside_now.release()
        connection.close()  # it is this thread's own


def _build(wanted: Wanted) -> Progress:
    """Put the file together, see what it is, and keep it."""
    try:
        with tempfile.TemporaryFile(dir=settings.CRASHDESK_DATA) as whole:  # without a name: gone with the process
            _join(wanted, whole)
            return _KEEPERS[wanted.kind](wanted, whole)
    except UsageError as error:
        return Progress(ERROR, detail=str(error))
    except (CrashdeskError, OSError) as error:
        _log.warning("an uploaded file could not be kept (%s)", type(error).__name__)
        return Progress(ERROR, detail="The server could not keep the file: upload it again when it has space.")


def _join(wanted: Wanted, whole: IO[bytes]) -> None:
    """Write the chunks one behind the other; raises UsageError unless they make up what was announced."""
    blobs = dict(Chunk.objects.filter(user_id=wanted.user_id, sha1__in=set(wanted.chunks)).values_list("sha1", "blob"))
    digest = hashlib.sha1(usedforsecurity=False)
    for checksum in wanted.chunks:
        if checksum not in blobs:
            raise UsageError("A chunk was forgotten in the meantime: upload the file again.")
        for piece in bodies.blobs().pieces(blobs[checksum]):
            digest.update(piece)
            whole.write(piece)
    if digest.hexdigest() != wanted.checksum:
        raise UsageError("The chunks do not make up the file that its SHA-1 names: upload it again.")


def _keep_debug_file(wanted: Wanted, whole: IO[bytes]) -> Progress:
    facts = kinds.read(whole, wanted.name)
    is_named = facts.kind == "proguard" and debug_ids.normalise(wanted.debug_id)  # nothing in the file names it
    row = DebugFile(
        project_id=wanted.project_id,
        id=new_id(clock.now()),
        checksum=wanted.checksum,
        name=wanted.name[-255:],
        kind=facts.kind,
        debug_id=is_named or facts.debug_id,
        code_id=facts.code_id,
        arch=facts.arch,
        features=list(facts.features),
        use=facts.use,
        size_bytes=whole.seek(0, 2),
        uploaded_at=clock.now(),
    )
    row.blob = bodies.blobs().put(queries.pieces_of(whole), Owner(Kind.SYMBOL, row.project_id, row.id))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same file was put together by another request
        bodies.blobs().discard([row.blob])
    return Progress(OK, file=queries.debug_file_with_checksum(wanted.project_id, wanted.checksum))


def _keep_bundle(wanted: Wanted, whole: IO[bytes]) -> Progress:
    bundle = bundles.read(whole)
    row = ArtifactBundle(
        project_id=wanted.project_id,
        id=new_id(clock.now()),
        checksum=wanted.checksum,
        bundle_id=bundle.attributes.get("debug_id", "")[:45],
        release=wanted.release,
        dist=wanted.dist,
        file_count=len(bundle.files),
        size_bytes=whole.seek(0, 2),
        uploaded_at=clock.now(),
    )
    row.blob = bodies.blobs().put(queries.pieces_of(whole), Owner(Kind.SYMBOL, row.project_id, row.id))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ArtifactFile.objects.bulk_create(_rows(row, bundle.files), batch_size=500)
    except IntegrityError:
        bodies.blobs().discard([row.blob])
    return Progress(OK)


def _rows(row: ArtifactBundle, files: Sequence[bundles.BundledFile]) -> list[ArtifactFile]:
    return [
        ArtifactFile(
            project_id=row.project_id,
            bundle_row=row.id,
            position=place,
            path=file.path,
            url=file.url,
            kind=file.kind,
            debug_id=file.debug_id,
            source_map=file.source_map,
        )
        for place, file in enumerate(files)
    ]


_KEEPERS = {DEBUG_FILE: _keep_debug_file, BUNDLE: _keep_bundle}
