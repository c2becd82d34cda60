"""Writing a document as a web page, in the background. Home of the bug `lost_export`."""

from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

from crashdesk.demo.fieldbook.library import Document

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>{observer}, {weather}</p><pre>{text}</pre>
<table>{rows}</table></html>
"""


def render_page(document: Document) -> str:
    """Return the document as one HTML page."""
    rows = ("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in entry.cells()) for entry in document.entries)
    return _PAGE.format(
        title=escape(document.title),
        observer=escape(document.facts["observer"]),
        weather=escape(document.facts["weather"]),
        text=escape(document.text),
        rows="".join(rows),
    )


def write_page(document: Document, path: Path) -> None:
    """Write the page."""
    path.write_text(render_page(document), "utf-8")


class Exporter:
    """One background worker; the window goes on while it writes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")

    def begin(self, document: Document) -> Path:
        """Have the page written; return where it will be."""
        path = self._directory / f"{document.path.stem}.html"
        self._pool.submit(write_page, document, path)
        return path

    def close(self) -> None:
        """Finish what was begun."""
        self._pool.shutdown()
