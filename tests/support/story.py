"""A week of Fieldbook's reports, believable to look at: six failures, users, releases, trails, snapshots, words."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from support.events import event, frame, library_frame, message, raised

_SOURCE = {
    "remove_selected": (
        [
            "    def remove_selected(self):",
            "        rows = self.view.selectionModel().selectedRows()",
            "        for row in rows:",
        ],
        "            entry = self.entries[row.row()]",
        ["            self.model.remove(entry)", "        self.refresh()"],
    ),
    "read_rows": (
        [
            "def read_rows(path):",
            "    with path.open(newline='') as file:",
            "        for number, row in enumerate(csv.reader(file)):",
        ],
        "            yield Entry(title=row[0], day=date.fromisoformat(row[1]))",
        ["", "", "class ImportWorker(QThread):"],
    ),
    "apply_theme": (
        ["    def apply_theme(self, name):", "        theme = self.themes.get(name)"],
        "        self.editor.setStyleSheet(theme.sheet)",
        ["        self.settings.setValue('theme', name)"],
    ),
    "search_all": (
        ["def search_all(pattern, documents):", "    found = []", "    for document in documents:"],
        "        found += re.findall(pattern, document.text)",
        ["    return found"],
    ),
}


@dataclass
class Told:
    """One report: the event, who had it, what they wrote, what came along."""

    body: dict[str, Any]
    user: str
    words: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def own(module: str, function: str, line: int) -> dict[str, Any]:
    """Build a frame of the product with its source around the line."""
    before, failing, after = _SOURCE.get(function, ([], None, []))
    source = {"pre_context": before, "context_line": failing, "post_context": after} if failing else {}
    return frame(module, function, lineno=line, filename=f"{module.replace('.', '/')}.py", **source)


def _trail(at: datetime, *steps: str) -> dict[str, Any]:
    moments = [at - timedelta(seconds=1.3 + 4.1 * number) for number in range(len(steps))][::-1]
    return {
        "values": [
            {"timestamp": moment.timestamp(), "category": "ui.click", "type": "user", "message": step}
            for moment, step in zip(moments, steps, strict=True)
        ]
    }


def _contexts(chance: random.Random, *, likely: str) -> dict[str, Any]:
    name = likely if chance.random() < 0.85 else chance.choice(["Windows", "Linux", "macOS"])
    version = {"Windows": "11 (26100)", "Linux": "Debian 12", "macOS": "15.3"}[name]
    return {
        "os": {"name": name, "version": version},
        "runtime": {"name": "CPython", "version": "3.11.7"},
        "device": {"arch": "x86_64", "processor_count": 8, "memory_size": 16_777_216_000},
        "qt": {"binding": "PySide6", "version": "6.11.3", "style": "fusion", "platform": name.lower()},
        "screens": {"count": 2, "primary": "2560x1440 at 125 %"},
        "app": {"app_name": "Fieldbook", "app_version": "2.4.0", "free_memory": 8_123_000_000},
        "culture": {"locale": "de-DE", "timezone": "Europe/Berlin"},
    }


_MAIN = (frame("fieldbook.app", "main"), library_frame("PySide6.QtWidgets", "exec"))
_WORDS = (
    "I had filtered the table to “walks”, removed the second row, and the window was gone. It happens every time.",
    "Was gerade passiert ist: Zeile gelöscht, Programm weg. Bitte reparieren, ich arbeite täglich damit.",
    "It closed while I was deleting an entry.",
)


def _filtered(chance: random.Random, at: datetime) -> dict[str, Any]:
    cause = raised("KeyError", "'entry-4711'", [own("fieldbook.model", "find", 88)])
    surfaced = raised(
        "IndexError",
        "list index out of range",
        [*_MAIN, own("fieldbook.table", "remove_selected", 214)],
        mechanism={"type": "excepthook", "handled": False},
    )
    steps = ("typed 3 characters in *Filter*", "selected row 2 in *Entries*", "clicked *Remove* in *Entries*")
    return event(cause, surfaced, breadcrumbs=_trail(at, *steps), contexts=_contexts(chance, likely="Windows"))


def _import(chance: random.Random, at: datetime) -> dict[str, Any]:
    value = "Invalid isoformat string: '31.12.2025'"
    chain = raised(
        "ValueError", value, [own("fieldbook.importing", "run", 31), own("fieldbook.importing", "read_rows", 17)]
    )
    steps = ("opened *File → Import…*", "chose a file of 14 KB", "clicked *Import*")
    return event(chain, breadcrumbs=_trail(at, *steps), contexts=_contexts(chance, likely="Linux"))


def _theme(chance: random.Random, at: datetime) -> dict[str, Any]:
    value = "'NoneType' object has no attribute 'sheet'"
    chain = raised("AttributeError", value, [*_MAIN, own("fieldbook.preferences", "apply_theme", 57)])
    return event(
        chain,
        breadcrumbs=_trail(at, "opened *Preferences*", "chose *Solarized* in *Theme*"),
        contexts=_contexts(chance, likely="Linux"),
    )


def _hang(chance: random.Random, at: datetime) -> dict[str, Any]:
    chain = raised("Hang", "the window did not answer for 6.4 s", [*_MAIN, own("fieldbook.search", "search_all", 23)])
    contexts = {**_contexts(chance, likely="macOS"), "crashdesk": {"kind": "hang", "program_went_on": True}}
    return event(chain, breadcrumbs=_trail(at, "typed 24 characters in *Search*"), contexts=contexts, level="warning")


def _native(chance: random.Random, at: datetime) -> dict[str, Any]:
    chain = raised("SIGSEGV", "Segmentation fault", [*_MAIN, own("fieldbook.model", "data", 140)])
    contexts = {**_contexts(chance, likely="Windows"), "crashdesk": {"kind": "native"}}
    return event(
        chain, contexts=contexts, level="fatal", breadcrumbs=_trail(at, "closed *Trip.fbk*", "scrolled *Entries*")
    )


def _future(chance: random.Random, at: datetime) -> dict[str, Any]:
    chain = raised("ConnectionResetError", "[Errno 104] Connection reset by peer", [own("fieldbook.sync", "fetch", 66)])
    return event(chain, contexts=_contexts(chance, likely="Linux"), breadcrumbs=_trail(at, "clicked *Sync now*"))


def _message(chance: random.Random, at: datetime) -> dict[str, Any]:
    del at
    return message("The index was rebuilt because its version was unknown", contexts=_contexts(chance, likely="Linux"))


_FAILURES = (
    (_filtered, 40, 0),
    (_import, 18, 30),
    (_theme, 9, 3),
    (_hang, 14, 12),
    (_native, 7, 55),
    (_future, 4, 100),
    (_message, 3, 20),
)


def week(now: datetime, seed: int = 7) -> list[Told]:
    """Return the reports of the last days, oldest first; the first failure is the most frequent and the newest."""
    chance = random.Random(seed)
    found = []
    for build, number, newest_hours in _FAILURES:
        for _ in range(number):
            at = now - timedelta(hours=newest_hours, minutes=2) - timedelta(hours=min(chance.expovariate(1 / 9), 160))
            body = build(chance, at) | {"timestamp": at.timestamp(), "event_id": uuid4().hex}
            body["release"] = "fieldbook@2.4.0" if at > now - timedelta(hours=60) else "fieldbook@2.3.1"
            body["tags"] = {
                "os": body["contexts"]["os"]["name"],
                "qt": "PySide6 6.11.3",
                "locale": chance.choice(["de", "en", "fr"]),
            }
            body["modules"] = {"PySide6": "6.11.3", "shiboken6": "6.11.3", "requests": "2.34.2"}
            found.append(Told(body, f"user-{chance.randrange(30)}"))
    found.sort(key=lambda told: told.body["timestamp"])
    _add_words(found)
    return found


def _add_words(found: list[Told]) -> None:
    filtered = [told for told in found if "IndexError" in str(told.body.get("exception"))]
    for told, words in zip(reversed(filtered), _WORDS, strict=False):
        told.words = words
    filtered[-1].files = {"fieldbook.log": b"12:00:01 removed entry-4711\n" * 300, "../../etc/passwd": b"x"}
