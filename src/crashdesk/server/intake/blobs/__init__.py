"""Bodies and files: many small ones to a pack, large ones alone, in a local folder or in an S3-compatible store.

What stores something passes it with its `Owner`, the row that will name it, and puts the reference that it gets back
into that row. `interface` says what a store does, `local` and `objects` are the two that do it, `opening` chooses.
"""

from crashdesk.server.intake.blobs.interface import BlobStore, GoneError, Kind, Owner, Pack, Record, Stored
from crashdesk.server.intake.blobs.opening import Place, open_blobs

__all__ = ["BlobStore", "GoneError", "Kind", "Owner", "Pack", "Place", "Record", "Stored", "open_blobs"]
