"""Address of the static files: it names their content, so browsers may keep them and never show old ones."""

import hashlib
from pathlib import Path


def static_address(directory: Path) -> str:
    """Return ``/static/<digest>/``, another one whenever a file in `directory` changes."""
    digest = hashlib.sha256()
    for path in sorted(file for file in directory.rglob("*") if file.is_file()):
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"/static/{digest.hexdigest()[:12]}/"
