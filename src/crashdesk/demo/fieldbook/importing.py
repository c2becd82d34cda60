"""Reading a list of entries from a CSV file in a thread of its own. Home of the bug `malformed_import`."""

import csv
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from crashdesk.demo.fieldbook.entry import Entry


def entry_from_row(row: dict[str, str]) -> Entry:
    """Turn one line of the file into an entry."""
    return Entry(
        date=row["date"].strip(),
        place=row["place"].strip(),
        species=row["species"].strip().capitalize(),
        count=row["count"].strip(),
        distance_km=row["distance_km"].strip(),
        remark=row["remark"].strip(),
    )


class Import(QThread):
    """Reads one file; hands the entries over when all are read."""

    entries_read = Signal(list)

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("import")
        self._path = path

    def run(self) -> None:
        """Read the file; runs in the thread."""
        with self._path.open(encoding="utf-8", newline="") as file:
            entries = [entry_from_row(row) for row in csv.DictReader(file)]
        self.entries_read.emit(entries)
