"""Uploads in chunks: how, the chunks themselves, and putting files together from them."""

import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.api import bodies, symbol_shapes
from crashdesk.server.api.answers import Refusal, answer
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.organisations import named
from crashdesk.server.api.symbol_shapes import BundleRequest, DebugFileRequest, UploadOptions
from crashdesk.server.collector.limits import has_room
from crashdesk.server.symbols import assembling, bundles, limits, services
from crashdesk.server.symbols.assembling import BUNDLE, DEBUG_FILE, ERROR, OK, Progress, Wanted

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

ACCEPTED = (
    "debug_files", "release_files", "pdbs", "sources", "artifact_bundles", "artifact_bundles_v2", "proguard",
)  # fmt: skip
_SHA1 = re.compile(r"[0-9a-f]{40}", re.ASCII)
_PIECE_BYTES = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


def options(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Say how files are to be cut and sent."""
    named(org)
    caller.projects_below(org)
    services.forget_chunks(clock.now())
    address = settings.CRASHDESK_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    shown: UploadOptions = {
        "url": f"{address}/api/0/organizations/{org}/chunk-upload/",
        "chunkSize": limits.CHUNK_BYTES,
        "chunksPerRequest": limits.CHUNKS_PER_REQUEST,
        "maxFileSize": limits.FILE_BYTES,
        "maxRequestSize": limits.REQUEST_BYTES,
        "maxWait": 300,
        "concurrency": 4,
        "hashAlgorithm": "sha1",
        "compression": ["gzip"],
        "accept": list(ACCEPTED),
    }
    return answer(shown)


def receive(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Keep chunks, each named by the SHA-1 of its bytes, until their files are put together."""
    caller.projects_below(org)
    parts = [(part, False) for part in request.FILES.getlist("file")]
    parts += [(part, True) for part in request.FILES.getlist("file_gzip")]
    if not parts or len(parts) > limits.CHUNKS_PER_REQUEST:
        raise Refusal(400, f"Send 1 to {limits.CHUNKS_PER_REQUEST} chunks as parts named file or file_gzip.")
    _make_sure_of_room()
    sizes = [_checked_size(part, is_compressed=is_compressed) for part, is_compressed in parts]
    for (part, is_compressed), size in zip(parts, sizes, strict=True):
        services.store_chunk(caller.user.pk, _name(part), _pieces(part, is_compressed), size, clock.now())
    return answer([])


def assemble_debug_files(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Put debug files together, as far as their chunks are there, and say how far each is."""
    project = caller.project(org, name)
    asked = bodies.read_map(request, DebugFileRequest, limits.MOST_FILES_PER_CALL)
    shown = {}
    for checksum, wanted in asked.items():
        if not _SHA1.fullmatch(checksum):
            raise Refusal(400, f"{checksum[:50]}: a file is named by its SHA-1, 40 hex digits.")
        found = assembling.assemble(
            Wanted(
                project_id=project.id,
                user_id=caller.user.pk,
                kind=DEBUG_FILE,
                checksum=checksum,
                chunks=wanted["chunks"],
                name=wanted["name"],
                debug_id=wanted.get("debug_id") or "",
            ),
            clock.now(),
            _make_sure_of_room,
        )
        shown[checksum] = symbol_shapes.progress_of_file(found)
    return answer(shown)


def receive_zip(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Keep the debug files in a zip, as older clients send mappings of ProGuard."""
    project = caller.project(org, name)
    part = request.FILES.get("file")
    if part is None or part.file is None:
        raise Refusal(400, "file: this field is required.")
    _make_sure_of_room()
    kept = [assembling.keep_whole(project.id, name, pieces) for name, pieces in bundles.entries(part.file)]
    return answer([symbol_shapes.debug_file(row) for row in kept])


def assemble_bundle(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Put a bundle of sources and source maps together, as far as its chunks are there, and say how far it is."""
    asked = bodies.read(request, BundleRequest)
    if not asked["projects"]:
        raise Refusal(400, "projects: name at least one project of the bundle.")
    projects = caller.projects_below(org, map(str, asked["projects"]))
    found = [
        assembling.assemble(_wanted(caller, project, asked), clock.now(), _make_sure_of_room) for project in projects
    ]
    return answer(symbol_shapes.progress(_joined(found)))


def _make_sure_of_room(size: int = limits.REQUEST_BYTES) -> None:
    """Refuse what would take the space that is kept for reports and the database."""
    if settings.CRASHDESK_DATA is None:
        return
    facts = os.statvfs(settings.CRASHDESK_DATA)
    if not has_room(facts.f_bavail * facts.f_frsize, size):
        raise StorageError("The disk of this server is nearly full: upload again when there is space.")


def _wanted(caller: Caller, project: Any, asked: BundleRequest) -> Wanted:
    return Wanted(
        project_id=project.id,
        user_id=caller.user.pk,
        kind=BUNDLE,
        checksum=asked["checksum"],
        chunks=asked["chunks"],
        release=asked.get("version") or "",
        dist=asked.get("dist") or "",
    )


def _joined(found: list[Progress]) -> Progress:
    """Return how far a bundle is over all its projects: what failed first, then what is not done, else done."""
    failed = next((entry for entry in found if entry.state == ERROR), None)
    return failed or next((entry for entry in found if entry.state != OK), found[0])


def _name(part: "UploadedFile[Any]") -> str:
    name = part.name or ""
    if not _SHA1.fullmatch(name):
        raise Refusal(400, "Each chunk's file name is the SHA-1 of its bytes, 40 hex digits.")
    return name


def _checked_size(part: "UploadedFile[Any]", *, is_compressed: bool) -> int:
    """Return how many bytes a chunk has; refuse one that is too large or not what its name says."""
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    expected = _name(part)
    for piece in _pieces(part, is_compressed):
        digest.update(piece)
        size += len(piece)
    if digest.hexdigest() != expected:
        raise Refusal(400, f"The chunk {expected} has other bytes than its name says: send it again.")
    return size


def _pieces(part: "UploadedFile[Any]", is_compressed: bool) -> Iterator[bytes]:
    """Yield the bytes of a chunk, never more than a chunk may have."""
    part.seek(0)
    source = part.chunks(_PIECE_BYTES)
    size = 0
    for piece in _unpacked(source) if is_compressed else source:
        size += len(piece)
        if size > limits.CHUNK_BYTES:
            raise Refusal(400, f"A chunk has at most {limits.CHUNK_BYTES} bytes.")
        yield piece


def _unpacked(source: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP)
    try:
        for piece in source:
            rest = piece
            while rest and not decoder.eof:
                yield decoder.decompress(rest, _PIECE_BYTES)
                rest = decoder.unconsumed_tail
    except zlib.error as error:
        raise Refusal(400, "A chunk in a file_gzip part is not gzip.") from error
    if not decoder.eof:
        raise Refusal(400, "A compressed chunk ends too early.")
