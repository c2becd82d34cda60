"""The file that this machine's collector writes, for who only reads it: opened when needed, empty before it exists."""

from pathlib import Path

from crashdesk.server.intake.queue import IntakeReader, IntakeRow


class Spool:
    """The queue in the file `path`, seen from behind a position; used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: IntakeReader | None = None

    def source(self) -> str:
        """Return what tells this file from every other one; empty while there is none."""
        reader = self._opened()
        return reader.identity() if reader else ""

    def after(self, position: int, limit: int, *, most_bytes: int | None = None) -> list[IntakeRow]:
        """Return up to `limit` rows behind `position`, oldest first; none more once bodies reach `most_bytes`."""
        reader = self._opened()
        return reader.after(position, limit, most_bytes=most_bytes) if reader else []

    def waiting(self, position: int, project_id: int | None = None) -> int:
        """Return how many bodies, of one project or of all, lie behind `position`."""
        if project_id is None:
            return max(0, self.received() - position)  # positions have no gaps
        return sum(bodies for owner, _, bodies in self.items(position) if owner == project_id)

    def items(self, position: int) -> list[tuple[int, str, int]]:
        """Return project, items as the door counted them and the number of such bodies, of those behind `position`."""
        reader = self._opened()
        return reader.items_behind(position) if reader else []

    def received(self) -> int:
        """Return how many bodies were ever accepted here."""
        reader = self._opened()
        return reader.received() if reader else 0

    def close(self) -> None:
        """Let the file go; it is opened again when it is needed."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _opened(self) -> IntakeReader | None:
        if self._reader is None and self._path.exists():
            self._reader = IntakeReader.open(self._path)
        return self._reader
