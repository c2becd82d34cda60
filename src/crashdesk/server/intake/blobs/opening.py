"""Which store the settings choose; what an earlier choice left in the local folder stays readable beside it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crashdesk.errors import UsageError
from crashdesk.server.intake.blobs.beside import RemoteBesideLocal
from crashdesk.server.intake.blobs.interface import BlobStore
from crashdesk.server.intake.blobs.local import LocalBlobs


@dataclass(frozen=True, slots=True)
class Place:
    """Where bodies are kept: `url` is ``s3://bucket/prefix``, or empty for the local `directory`."""

    directory: Path
    url: str = ""
    endpoint: str = ""
    region: str = ""


def open_blobs(place: Place) -> BlobStore:
    """Open the store at `place`; raises UsageError for an address that is none, StorageError when it cannot be used."""
    if not place.url:
        return LocalBlobs.open(place.directory)
    from crashdesk.server.intake.blobs.objects import ObjectBlobs  # its library is large, and most need none of it

    parts = urlsplit(place.url)
    if parts.scheme != "s3" or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{place.url!r} is no place for bodies: write s3://bucket/prefix, or leave the setting out.")
    remote = ObjectBlobs.open(parts.netloc, parts.path.strip("/"), endpoint=place.endpoint, region=place.region)
    return RemoteBesideLocal(remote, LocalBlobs.open(place.directory)) if place.directory.is_dir() else remote
