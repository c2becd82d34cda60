"""Table of what uploads may be: told to clients before they send, and checked when they do."""

CHUNK_BYTES = 8 * 1024 * 1024
CHUNKS_PER_REQUEST = 64
REQUEST_BYTES = 32 * 1024 * 1024
FILE_BYTES = 1024 * 1024 * 1024
MOST_CHUNKS = FILE_BYTES // CHUNK_BYTES * 8  # of one file: clients may cut smaller pieces
INLINE_BYTES = 32 * 1024 * 1024  # up to here a file is put together while the client waits
KEPT_HOURS = 24  # how long a chunk waits for its file
STALE_SECONDS = 600  # after so long without an end, a file's assembly counts as dead and begins anew
MOST_FILES_PER_CALL = 500
