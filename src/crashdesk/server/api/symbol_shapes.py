"""Uploads, debug files and bundles as Sentry's REST API writes them."""

from typing import Annotated, Any, NotRequired, TypedDict

from crashdesk.server.api.answers import time
from crashdesk.server.api.schemas import Number, Text, Time
from crashdesk.server.symbols.assembling import Progress
from crashdesk.server.symbols.queries import ArtifactBundle, ArtifactFile, DebugFile

Sha1 = Annotated[str, Text(least=40, most=40, pattern="^[0-9a-f]{40}$")]


class UploadOptions(TypedDict):
    """How files are to be cut and sent."""

    url: str
    chunkSize: int
    chunksPerRequest: int
    maxFileSize: int
    maxRequestSize: int
    maxWait: int
    concurrency: int
    hashAlgorithm: str
    compression: list[str]
    accept: list[str]


class FileData(TypedDict):
    """What a debug file holds."""

    type: str | None
    features: list[str]


class DebugFileShape(TypedDict):
    """A debug file."""

    id: str
    uuid: str
    debugId: str
    codeId: str | None
    cpuName: str
    objectName: str
    symbolType: str
    size: int
    sha1: str
    dateCreated: Time
    headers: dict[str, str]
    data: FileData


class ProgressShape(TypedDict):
    """How far a file is."""

    state: str
    missingChunks: list[str]
    detail: str | None
    dif: NotRequired[DebugFileShape | None]


class DebugFileRequest(TypedDict):
    """A debug file that shall be put together from these chunks."""

    name: Annotated[str, Text(most=1000)]
    debug_id: NotRequired[Annotated[str, Text(most=60)] | None]
    chunks: list[Sha1]


class BundleRequest(TypedDict):
    """A bundle that shall be put together from these chunks, for projects and maybe a release."""

    checksum: Sha1
    chunks: list[Sha1]
    projects: list[Annotated[str, Text(most=100)] | int]
    version: NotRequired[Annotated[str, Text(most=200)] | None]
    dist: NotRequired[Annotated[str, Text(most=64)] | None]


class Association(TypedDict):
    """The release that a bundle belongs to."""

    release: str
    dist: str | None


class BundleShape(TypedDict):
    """A bundle of sources and source maps."""

    id: str
    bundleId: str | None
    associations: list[Association]
    fileCount: Annotated[int, Number(0, 2**31)]
    size: int
    sha1: str
    date: Time


class BundledFileShape(TypedDict):
    """One file of a bundle."""

    id: str
    filePath: str
    url: str
    fileType: str
    debugId: str | None
    sourcemap: str | None


def debug_file(row: DebugFile) -> DebugFileShape:
    return {
        "id": str(row.id),
        "uuid": row.debug_id,
        "debugId": row.debug_id,
        "codeId": row.code_id or None,
        "cpuName": row.arch,
        "objectName": row.name,
        "symbolType": row.kind,
        "size": row.size_bytes,
        "sha1": row.checksum,
        "dateCreated": time(row.uploaded_at),
        "headers": {"Content-Type": "application/octet-stream"},
        "data": {"type": row.use or None, "features": list(row.features)},
    }


def progress(found: Progress) -> ProgressShape:
    """Return how far a bundle is."""
    return {"state": found.state, "missingChunks": found.missing, "detail": found.detail or None}


def progress_of_file(found: Progress) -> ProgressShape:
    """Return how far a debug file is, with the file once it is there."""
    return {**progress(found), "dif": debug_file(found.file) if found.file else None}


def bundle(row: ArtifactBundle) -> BundleShape:
    of_release: list[Association] = [{"release": row.release, "dist": row.dist or None}] if row.release else []
    return {
        "id": str(row.id),
        "bundleId": row.bundle_id or None,
        "associations": of_release,
        "fileCount": row.file_count,
        "size": row.size_bytes,
        "sha1": row.checksum,
        "date": time(row.uploaded_at),
    }


def bundled_file(row: ArtifactFile) -> BundledFileShape:
    return {
        "id": str(row.position),
        "filePath": row.path,
        "url": row.url,
        "fileType": row.kind,
        "debugId": row.debug_id or None,
        "sourcemap": row.source_map or None,
    }


ZipForm: dict[str, Any] = {
    "type": "object",
    "description": "A zip of debug files.",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}
UploadForm: dict[str, Any] = {
    "type": "object",
    "description": "Chunks, each named by the SHA-1 of its bytes; in file_gzip parts they are compressed.",
    "properties": {
        name: {"type": "array", "items": {"type": "string", "format": "binary"}} for name in ("file", "file_gzip")
    },
}
