"""Takes the items of one report and sorts them into drafts, files, runs and counts; each is told exactly once."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import IO, Any, ClassVar

from crashdesk.protocol import foreign
from crashdesk.protocol.items import CATEGORIES, UNKNOWN, is_kept, item_type, quantity
from crashdesk.protocol.outcomes import DISCARD_REASONS, MAX_DISCARDS, OTHER, ClientReport, Outcome
from crashdesk.protocol.withdrawal import read_digest
from crashdesk.server.intake import seen
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.processor import runs, security
from crashdesk.server.processor.draft import EVENT, FEEDBACK, USER_REPORT, Arrival
from crashdesk.server.processor.drafting import TOO_MANY, Drafting
from crashdesk.server.processor.items import Incoming, TooLarge
from crashdesk.server.processor.payloads import UnreadableItem, read_object
from crashdesk.server.processor.prepared import NOT_READABLE, Content, File, KeptFile, Prepared
from crashdesk.server.processor.rules.values import cleaned
from crashdesk.server.processor.sources import SMALL_BYTES, Sources
from crashdesk.server.projects.queries import Policy

NOT_KEPT, NO_EVENT, TOO_LARGE = "not_kept", "no_event", "too_large"
MOST_COUNTED = 1_000_000  # a client report may claim any number
MOST_IN_MEMORY, TINY_BYTES = 8_000_000, 8_000  # of files and the like of one report; what is tiny is not counted
NAME_LIMIT, TYPE_LIMIT, KIND_LIMIT = 255, 100, 40
DUMP = "event.minidump"


class Contents:
    """What one report holds, item by item; `begin` once, `take` each, `finish` at its end."""

    def __init__(self, prepared: Prepared, policy: Policy, sources: Sources) -> None:
        self.prepared = prepared
        self.row = prepared.row
        self.sources = sources
        self.headers: Mapping[str, Any] = {}
        self._policy = policy
        self._limited = seen.limited_names(seen.read(self.row.items)) if "!" in self.row.items else {}
        self._came: Counter[str] = Counter()
        self._files: list[File] = []
        self._drafting: Drafting | None = None
        self._in_memory = 0

    @property
    def drafting(self) -> Drafting:
        """What becomes an event or feedback; there once the report has begun."""
        if self._drafting is None:
            self.begin({})
        assert self._drafting is not None  # noqa: S101 - begin has just set it
        return self._drafting

    def begin(self, headers: Mapping[str, Any]) -> None:
        """Note what the report says of itself; a second time changes nothing."""
        if self._drafting is None:
            self.headers = headers
            self._drafting = Drafting(self.prepared, self._arrival(headers), headers, self.sources)

    def came(self) -> list[seen.Seen]:
        """Return how many items came, as the door would have counted them."""
        return [seen.Seen(name, count) for name, count in self._came.items()]

    def take(self, item: Incoming) -> None:
        """Sort one item; it is read to its end or passed over."""
        name, count = seen.known(item.type), quantity(item.type, item.headers)
        if not self._may_stay(name, count):
            item.skip()
            return
        take = self._TAKEN.get(name)
        if take is None:
            self._keep(item, name, count)
            return
        try:
            take(self, item)
        except TooLarge:
            self.count_once(name, Outcome.INVALID, TOO_LARGE)

    def take_security(self, name: str, report: dict[str, Any], raw: bytes) -> None:
        """Sort one report of a browser, which came alone or as an item of the type `name`."""
        if self._may_stay(name, 1):
            self._security(name, report, raw)

    def take_file(self, item: Incoming) -> None:
        """Take a file; a memory dump is read besides."""
        row_id, kind = self.sources.new_id(), line(item.headers.get("attachment_type"), KIND_LIMIT)
        owner = Owner(Kind.ATTACHMENT, self.row.project_id, row_id)
        if kind == DUMP:
            with self.sources.temporary() as copy:
                content = self._content(item, owner, copy)
                self.drafting.add_dump(self.sources.dumps.facts(copy))
        else:
            content = self._content(item, owner)
        self.prepared.note_written(content)
        self._files.append(
            File(
                row_id=row_id,
                event_id="",  # told at the end: the event may come behind its files
                name=line(item.headers.get("filename"), NAME_LIMIT) or "attachment",
                content_type=line(item.headers.get("content_type"), TYPE_LIMIT) or "application/octet-stream",
                attachment_type=kind or "event.attachment",
                content=content,
            )
        )

    def note_came(self, name: str) -> bool:
        """Count an item of a form as one that came; return whether it may stay."""
        return self._may_stay(name, 1)

    def finish(self) -> None:
        """Make the drafts and tie the files to them."""
        first = self.drafting.finish()
        for file in self._files:
            if first is None:
                self.count_once("attachment", Outcome.INVALID, NO_EVENT)
            else:
                self.prepared.files.append(replace(file, event_id=first))

    def count_once(self, name: str, outcome: Outcome, reason: str = "", count: int = 1) -> None:
        """Count what became of an item, unless its envelope has been here before."""
        self.prepared.once.append(self.prepared.entry(item_type(name).category, outcome, reason, count))

    def _may_stay(self, name: str, count: int) -> bool:
        """Count an item as one that came; return False for one that may not stay, and count that too."""
        self._came[name] += count
        reason = self._limited.get(name)
        outcome = Outcome.RATE_LIMITED if reason else Outcome.FILTERED
        if reason is None and is_kept(name, self._policy.kept_items):
            return True
        if not (reason and self.prepared.is_again):  # what was over a limit has been counted so when it came
            category = item_type(name).category
            self.prepared.counted.append(self.prepared.entry(category, outcome, reason or NOT_KEPT, count))
        return False

    def _arrival(self, headers: Mapping[str, Any]) -> Arrival:
        return Arrival(
            project_id=self.row.project_id,
            received_at=self.prepared.received_at,
            sent_at=foreign.moment(headers.get("sent_at")),
            remote=self.row.remote,
            withdrawal_digest=read_digest(headers.get("withdrawal_digest")),
            grouping_version=self._policy.grouping_version,
        )

    def _content(self, item: Incoming, owner: Owner, copy_to: IO[bytes] | None = None) -> Content:
        """Take the bytes of an item; beyond what one report may hold in memory they go into blobs, however few."""
        most = min(SMALL_BYTES, MOST_IN_MEMORY - self._in_memory)
        content = self.sources.take(item.payload, owner, copy_to=copy_to, most=max(most, TINY_BYTES))
        self._in_memory += len(content.data)
        return content

    def _draft(self, item: Incoming) -> None:
        if self.drafting.is_full:
            row_id = self.sources.new_id()
            content = self._content(item, Owner(Kind.FAILED, self.row.project_id, row_id))
            self.drafting.fail_unread(item.headers, content, row_id)
        else:
            self.drafting.add(item.headers, item.read(item_type(item.type).max_bytes))

    def _keep(self, item: Incoming, name: str, count: int) -> None:
        """Keep an item that nothing here reads, as it came."""
        row_id = self.sources.new_id()
        content = self._content(item, Owner(Kind.KEPT, self.row.project_id, row_id))
        self.prepared.note_written(content)
        self.prepared.kept.append(KeptFile(row_id, name, count, content))

    def _client_report(self, item: Incoming) -> None:
        """Count what the client threw away; a report that cannot be read is counted itself."""
        payload = self._object(item)
        if payload is None:
            return
        if len(self.prepared.discards) >= MAX_DISCARDS:
            self.count_once(item.type, Outcome.INVALID, TOO_MANY)
            return
        self.count_once(item.type, Outcome.ACCEPTED)
        for gone in ClientReport.parse(payload).discarded:
            category = gone.category if gone.category in CATEGORIES else UNKNOWN.category
            reason = gone.reason if gone.reason in DISCARD_REASONS else OTHER
            entry = self.prepared.entry(category, Outcome.CLIENT_DISCARD, reason, min(gone.quantity, MOST_COUNTED))
            self.prepared.discards.append(entry)

    def _session(self, item: Incoming) -> None:
        if len(self.prepared.runs) >= runs.MOST_IN_ENVELOPE:
            item.skip()
            self.count_once(item.type, Outcome.INVALID, TOO_MANY)
            return
        payload = self._object(item)
        run = runs.run_of(payload, self.drafting.arrival) if payload is not None else None
        if run is not None:
            self.prepared.runs.append(run)
        elif payload is not None:
            self.count_once(item.type, Outcome.INVALID, NOT_READABLE)

    def _sessions(self, item: Incoming) -> None:
        """Add up groups of runs; entries beyond the limit count as further items that came and could not stay."""
        payload = self._object(item)
        if payload is None:
            return
        if len(self.prepared.groups) >= runs.MOST_GROUPS:
            self.count_once(item.type, Outcome.INVALID, TOO_MANY)
            return
        groups, left_out = runs.groups_of(payload, self.drafting.arrival)
        self.prepared.groups += groups
        self.count_once(item.type, Outcome.ACCEPTED)
        if left_out:
            self.prepared.note_received([seen.Seen(item.type, left_out)])
            self.count_once(item.type, Outcome.INVALID, TOO_MANY, left_out)

    def _security_item(self, item: Incoming) -> None:
        raw = item.read(item_type(item.type).max_bytes)
        try:
            self._security(item.type, read_object(raw), raw)
        except UnreadableItem:
            self.drafting.fail_item({"type": item.type}, raw)

    def _security(self, name: str, report: dict[str, Any], raw: bytes) -> None:
        event = security.event_of(report, self.row.content_type)
        if event is None:
            self.drafting.fail_item({"type": name}, raw)
        else:
            self.drafting.add_own(event, {"type": name}, raw)

    def _object(self, item: Incoming) -> dict[str, Any] | None:
        """Return the JSON object of an item that is only counted; one that cannot be read is kept as it came."""
        raw = item.read(item_type(item.type).max_bytes)
        try:
            return cleaned(read_object(raw))
        except UnreadableItem:
            self.drafting.fail_item(item.headers, raw)
            return None

    _TAKEN: ClassVar[dict[str, Callable[["Contents", Incoming], None]]] = {
        EVENT: _draft,
        FEEDBACK: _draft,
        USER_REPORT: _draft,
        "attachment": take_file,
        "client_report": _client_report,
        "session": _session,
        "sessions": _sessions,
        "security": _security_item,
        "raw_security": _security_item,
    }


def line(value: object, limit: int) -> str:
    """Return text on one line that a database takes, for a name that is only ever shown."""
    text = (foreign.text(value) or "").encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in text).strip()[:limit]
