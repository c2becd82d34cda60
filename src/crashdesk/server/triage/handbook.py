"""The handbook: Markdown files beside the code, served in the product."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_DIRECTORY = Path(__file__).parent / "help"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the handbook."""

    name: str
    title: str
    html: SafeString


@cache
def pages() -> tuple[Page, ...]:
    """Return every page in the order of the files, whose names begin with a number."""
    return tuple(_read(path) for path in sorted(_DIRECTORY.glob("*.md")))


def _read(path: Path) -> Page:
    text = path.read_text("utf-8")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    title = text.partition("\n")[0].removeprefix("# ")
    return Page(path.stem.partition("-")[2], title, mark_safe(html))  # noqa: S308 - our own files, HTML in them is text


def page(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """Show one page of the handbook, the first one without a name."""
    found = next((entry for entry in pages() if name in {None, entry.name}), None)
    if found is None:
        raise Http404
    return render(request, "triage/help.html", {"page": found, "pages": pages()})
