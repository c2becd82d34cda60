"""The folder of documents: each a JSON file; the first start puts some there to look at."""

import json
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crashdesk.demo.fieldbook.entry import Entry

SAMPLE = Path(__file__).parent / "sample"


@dataclass(slots=True)
class Document:
    """Notes, facts of the day (observer, weather) and the table of entries."""

    path: Path
    title: str
    changed: str
    text: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What stands below the title in the list."""
        number = len(self.entries)
        return f"{self.changed} · {number} {'entry' if number == 1 else 'entries'}"


def _read(path: Path) -> Document:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    content["entries"] = [Entry(**row) for row in content["entries"]]
    return Document(path=path, **content)


class Library:
    """All documents below one directory, the latest first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.imports = directory / "imports"
        self.exports = directory / "exports"
        if not (directory / "documents").exists():
            shutil.copytree(SAMPLE, directory, dirs_exist_ok=True)
        self.exports.mkdir(exist_ok=True)
        found = [_read(path) for path in sorted((directory / "documents").glob("*.json"))]
        self.documents = sorted(found, key=lambda document: document.changed, reverse=True)

    def new(self, title: str, today: str) -> Document:
        """Begin an empty document; it becomes a file when it is saved."""
        slug = re.sub(r"\W+", "-", title.lower()).strip("-") or "untitled"
        document = Document(self._free_path(slug), title, today, text=f"# {title}\n")
        self.documents.insert(0, document)
        return document

    def save(self, document: Document) -> None:
        """Write the document beside its old file, then replace that."""
        content = asdict(document)
        del content["path"]
        fresh = document.path.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(document.path)

    def by_slug(self) -> dict[str, Document]:
        """Return the documents by the name of their file."""
        return {document.path.stem: document for document in self.documents}

    def _free_path(self, slug: str) -> Path:
        taken = self.by_slug()
        names = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
        free = next(name for name in names if name not in taken)
        return self.directory / "documents" / f"{free}.json"
