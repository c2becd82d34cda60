"""Every read of chunks, debug files and bundles; what a report's debug ids lead to.

Whoever asks for a person passes a project which that person may see; what lies outside is not found.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import IO

from django.db.models import Q

from crashdesk.server.events import bodies
from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.models import ArtifactBundle, ArtifactFile, Chunk, DebugFile

__all__ = ["ArtifactBundle", "ArtifactFile", "DebugFile"]


def debug_files(
    project_id: int, *, text: str = "", debug_id: str = "", before: int | None = None, limit: int = 100
) -> list[DebugFile]:
    """Return the debug files of a project, newest first: all, or those whose name or ids hold `text`."""
    found = DebugFile.objects.filter(project_id=project_id)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(debug_id__istartswith=text) | Q(code_id__istartswith=text))
    if debug_id:
        found = found.filter(debug_id=debug_ids.normalise(debug_id))
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def debug_file(project_id: int, file_id: int) -> DebugFile | None:
    return DebugFile.objects.filter(project_id=project_id, id=file_id).first()


def debug_file_with_checksum(project_id: int, checksum: str) -> DebugFile | None:
    return DebugFile.objects.filter(project_id=project_id, checksum=checksum).first()


def files_with_debug_ids(project_id: int, ids: Collection[str]) -> dict[str, list[DebugFile]]:
    """Return the debug files for each of these debug ids (as reports write them), newest first."""
    wanted = {written: debug_ids.normalise(written) for written in ids}
    rows = list(
        DebugFile.objects.filter(project_id=project_id, debug_id__in=set(wanted.values()) - {""}).order_by("-id")
    )
    return {written: [row for row in rows if row.debug_id == own] for written, own in wanted.items()}


def bundles(project_id: int, *, before: int | None = None, limit: int = 100) -> list[ArtifactBundle]:
    """Return the bundles of a project, newest first."""
    found = ArtifactBundle.objects.filter(project_id=project_id)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def bundle(project_id: int, row_id: int) -> ArtifactBundle | None:
    return ArtifactBundle.objects.filter(project_id=project_id, id=row_id).first()


def files_of(of: ArtifactBundle, *, offset: int = 0, limit: int = 100) -> list[ArtifactFile]:
    """Return the files of a bundle in the order of its manifest."""
    found = ArtifactFile.objects.filter(project_id=of.project_id, bundle_row=of.id).order_by("position")
    return list(found[offset : offset + limit])


def artifacts_with_debug_ids(project_id: int, ids: Collection[str]) -> list[ArtifactFile]:
    """Return the bundled files with one of these debug ids, those of the newest bundle first."""
    wanted = {debug_ids.normalise(written) for written in ids} - {""}
    found = ArtifactFile.objects.filter(project_id=project_id, debug_id__in=wanted)
    return list(found.order_by("-bundle_row", "position"))


def artifacts_at(project_id: int, release: str, urls: Collection[str]) -> list[ArtifactFile]:
    """Return the bundled files of a release that are served at these addresses, those of the newest bundle first."""
    rows = ArtifactBundle.objects.filter(project_id=project_id, release=release).values_list("id", flat=True)
    found = ArtifactFile.objects.filter(project_id=project_id, url__in=urls, bundle_row__in=list(rows))
    return list(found.order_by("-bundle_row", "position"))


def missing_chunks(user_id: int, checksums: Iterable[str]) -> list[str]:
    """Return those of the chunks that this person has not uploaded, each once, in their order."""
    wanted = list(dict.fromkeys(checksums))
    known = set(Chunk.objects.filter(user_id=user_id, sha1__in=wanted).values_list("sha1", flat=True))
    return [checksum for checksum in wanted if checksum not in known]


def size_of_chunks(user_id: int, checksums: Collection[str]) -> int:
    """Return how many bytes these chunks make up, in this order and number."""
    sizes = dict(Chunk.objects.filter(user_id=user_id, sha1__in=set(checksums)).values_list("sha1", "size_bytes"))
    return sum(sizes.get(checksum, 0) for checksum in checksums)


def content(of: DebugFile | ArtifactBundle) -> Iterator[bytes]:
    """Yield the bytes of a file as they were uploaded; raises StorageError when they are lost."""
    return bodies.blobs().pieces(of.blob)


def pieces_of(file: IO[bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """Yield a file from its beginning."""
    file.seek(0)
    while piece := file.read(size):
        yield piece
