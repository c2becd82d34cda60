"""The projects' keys where the main database is PostgreSQL: kept in memory, so that no report ever waits for it.

A thread reads them again when PostgreSQL says that they changed, and once a second. The last known ones lie beside the
intake: a collector that starts while PostgreSQL is away lets in who was let in before.
"""

import json
import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk import logs
from crashdesk.errors import StorageError
from crashdesk.server.collector.authentication import Key
from crashdesk.server.collector.keys import CHECK_EVERY_SECONDS, QUERIES, built
from crashdesk.server.installation import replace_file
from crashdesk.server.intake import postgres

if TYPE_CHECKING:
    import psycopg

FILE_NAME = "keys.json"
CHANNEL = "crashdesk_keys"  # a trigger of the keys' tables speaks on it

log = logs.logger("collector")


class SharedKeys:
    """All keys in memory; a change is noticed at once, and within a second whatever happens."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url = url
        self._file = directory / FILE_NAME
        self._tables: dict[str, list[list[Any]]] = {}
        self._keys: dict[str, Key] = {}
        self._is_fresh = False
        self._stop = threading.Event()
        self._ear, self._voice = socket.socketpair()  # so that a stop ends every wait at once
        self._first_look = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keys", daemon=True)

    def start(self) -> None:
        """Begin with the last known keys; without any return after the first look at the database."""
        with suppress(OSError, ValueError, LookupError, TypeError):
            self._take(json.loads(self._file.read_text("utf-8")))
        self._thread.start()
        if not self._keys:
            self._first_look.wait(postgres.CONNECT_SECONDS)

    def find(self, public_key: str) -> Key | None:
        """Return the key, or None; raises StorageError for one that is not known while PostgreSQL is away."""
        key = self._keys.get(public_key)
        if key is None and not self._is_fresh:
            raise StorageError("The projects' keys cannot be read: the database is away.")
        return key

    @property
    def is_database_away(self) -> bool:
        return not self._is_fresh

    def close(self) -> None:
        self._stop.set()
        self._voice.close()
        self._thread.join()
        self._ear.close()

    def _work(self) -> None:
        was_away = False
        while not self._stop.is_set():
            try:
                with postgres.connect(self._url, "keys") as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._follow(connection)
                    was_away = False
            except (StorageError, postgres.library().Error) as error:
                if self._is_fresh or not was_away:
                    log.warning("Keys are as they were until the database is back: %s", postgres.reason_of(error))
                self._is_fresh, was_away = False, True
                self._first_look.set()
            self._stop.wait(CHECK_EVERY_SECONDS)

    def _follow(self, connection: "psycopg.Connection[Any]") -> None:
        """Read the keys again and again while the connection lives."""
        while not self._stop.is_set():
            self._refresh(connection)
            self._is_fresh = True
            self._first_look.set()
            select.select([connection.fileno(), self._ear.fileno()], [], [], CHECK_EVERY_SECONDS)
            postgres.hear_out(connection)

    def _refresh(self, connection: "psycopg.Connection[Any]") -> None:
        found = {name: [list(row) for row in connection.execute(query)] for name, query in QUERIES.items()}
        if found != self._tables:
            self._take(found)
            try:
                replace_file(self._file, json.dumps(found).encode())
            except StorageError as error:
                log.warning("A start without the database would know older keys: %s", error)

    def _take(self, tables: dict[str, list[list[Any]]]) -> None:
        self._keys = built(tables)
        self._tables = tables
