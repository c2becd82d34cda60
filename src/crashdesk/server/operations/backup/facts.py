"""The server's facts and settings in a backup: what moves with it, and what belongs to the machine it ran on."""

import json
import re
from dataclasses import replace
from pathlib import Path

from crashdesk import settings
from crashdesk.errors import StorageError
from crashdesk.server import installation
from crashdesk.server.installation import Installation

SETTINGS = "server.toml"
_STORE = ("blobs", "blobs_endpoint", "blobs_region")
_OF_THE_PLACE = re.compile(rf"\s*(database|{'|'.join(_STORE)})\s*=")


def written(server: Installation) -> bytes:
    """Return what a restored server must know: its address, organisation and the key that signs sessions."""
    facts = {"url": server.url, "organisation": server.organisation, "secret_key": server.secret_key}
    return json.dumps(facts).encode()


def restored(content: bytes, data: Path, url: str | None) -> Installation:
    """Return the server of a backup for the directory `data`; to its database it is a new node."""
    facts = json.loads(content)
    server = Installation.new(data, url or facts["url"], facts["organisation"])
    return replace(server, secret_key=facts["secret_key"])


def settings_of(data: Path) -> bytes:
    """Return the file of settings without what names this place: database and object store; empty without a file."""
    try:
        lines = (data / SETTINGS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StorageError(f"{data / SETTINGS} cannot be read ({error.strerror}).") from error
    return "".join(f"{line}\n" for line in lines if not _OF_THE_PLACE.match(line)).encode()


def note_store(data: Path) -> None:
    """Write into the settings of a restored server where its bodies are, unless they are in its directory."""
    if not settings.value("blobs"):
        return
    found = {name: settings.value(name) for name in _STORE}
    lines = [f"{name} = {json.dumps(text)}\n" for name, text in found.items() if text]
    installation.replace_file(data / SETTINGS, settings_of(data) + "".join(lines).encode())
