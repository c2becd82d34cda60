"""What one row of the intake becomes, before anything is stored: drafts, files, runs, counts, and what failed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.intake import seen
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.outcomes.services import RECEIVED, Counted
from crashdesk.server.processor.draft import Draft
from crashdesk.server.sessions.states import Group, Run

NOT_READABLE = "not_readable"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a file: in memory while they are few, else in the blob that `blob` names since they were read."""

    size: int
    sha256: str
    data: bytes = b""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """One attachment and the event or feedback that it belongs to; `row_id` is the id of its row."""

    row_id: int
    event_id: str
    name: str
    content_type: str
    attachment_type: str
    content: Content


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An item that nothing here reads and its project keeps; `quantity` is as how many it counts."""

    row_id: int
    name: str
    quantity: int
    content: Content


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a report that could not be processed: the reason in words of ours, and its bytes as they came.

    `item` is the JSON of the item's header line and `envelope` that of the headers above it, both empty for a whole
    body. `seen` are its items, as `intake.seen` writes them: those that are not over a limit are counted as invalid,
    under `counted_as`.
    """

    row_id: int
    reason: str
    content: Content
    counted_as: str = NOT_READABLE
    seen: str = ""
    item: str = ""
    envelope: str = ""


@dataclass(slots=True)
class Prepared:
    """One report, ready to be stored.

    What has no id of its own (`once`, `discards`, `groups`, `kept`, `failures`) is stored only if its envelope has not
    been here before; `counted` is counted in any case. `written` are the blobs that were stored while it was read.
    `is_again` marks a report that had failed: its envelope has been here, and `tries` times no code could read it.
    """

    row: IntakeRow
    drafts: list[Draft] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    kept: list[KeptFile] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    once: list[Counted] = field(default_factory=list)
    discards: list[Counted] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    decoded_bytes: int = 0
    is_again: bool = False
    tries: int = 0

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(self.row.received_at, UTC)

    def entry(self, category: str, outcome: str, reason: str = "", quantity: int = 1) -> Counted:
        """Return an entry for the account of this report's project."""
        return Counted(self.row.project_id, self.received_at, category, outcome, reason, quantity)

    def note_written(self, content: Content) -> None:
        """Remember the blob of a large file, as it must go again if its row is not stored."""
        if content.blob:
            self.written.append(content.blob)

    def note_received(self, came: Iterable[seen.Seen]) -> None:
        """Count what came."""
        self.counted += [self.entry(item_type(one.name).category, RECEIVED, "", one.quantity) for one in came]

    def note_difference(self, before: Iterable[seen.Seen], now: Iterable[seen.Seen]) -> None:
        """Count what a report that is tried again holds beside what was counted when it came."""
        difference = Counter({one.name: one.quantity for one in now})
        difference.subtract({one.name: one.quantity for one in before})
        self.note_received(seen.Seen(name, quantity) for name, quantity in difference.items() if quantity)

    def fail(self, failure: Failure) -> None:
        """Keep what could not be processed and count it; the reason that is counted is one of the table of outcomes."""
        self.failures.append(failure)
        self.note_written(failure.content)
        for one in seen.read(failure.seen):
            if one.limited:
                continue
            entry = self.entry(item_type(one.name).category, Outcome.INVALID, failure.counted_as, one.quantity)
            self.once.append(entry)
