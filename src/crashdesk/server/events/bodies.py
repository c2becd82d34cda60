"""Bodies of events, feedback and attachments: kept in blobs, told by the reference in their row."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings

from crashdesk import settings as crashdesk_settings
from crashdesk.errors import StorageError
from crashdesk.protocol import foreign
from crashdesk.server.intake.blobs import BlobStore, Place, open_blobs

DIRECTORY = "blobs"
OWN_KEY = "_crashdesk"  # under it a body keeps what the processor says about the report: notes, grouping, withdrawal


def blobs() -> BlobStore:
    """Return the blobs of this server: those of its data directory, or of the object store that the settings name."""
    data = settings.CRASHDESK_DATA
    if data is None:
        raise StorageError("No data directory is set: name it with --data or CRASHDESK_DATA.")
    value = crashdesk_settings.value
    return _opened(Place(data / DIRECTORY, value("blobs"), value("blobs_endpoint"), value("blobs_region")))


@lru_cache(maxsize=8)
def _opened(place: Place) -> BlobStore:
    return open_blobs(place)


def said_by_us(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the processor left in a body; empty for one that has nothing of it."""
    return foreign.mapping(body.get(OWN_KEY))


def read_json(reference: str) -> dict[str, Any]:
    """Return the JSON object stored under `reference`; raises StorageError when it is not there or damaged."""
    found: dict[str, Any] = orjson.loads(blobs().read(reference))
    return found


def read_bytes(reference: str) -> bytes:
    """Return the bytes stored under `reference`; raises StorageError when they are not there or damaged."""
    return blobs().read(reference)
