"""The form of a native crash: its fields and files become an event and attachments, read as a stream."""

from collections.abc import Iterator

from crashdesk.protocol import jsontext
from crashdesk.server.intake.multipart import DUMP_FIELD, PartData, PartStart, parts
from crashdesk.server.processor.contents import DUMP, Contents
from crashdesk.server.processor.draft import EVENT
from crashdesk.server.processor.dumps.events import with_facts
from crashdesk.server.processor.dumps.forms import event_of
from crashdesk.server.processor.items import Incoming

FIELD_BYTES = 1_000_000
MOST_FIELD_BYTES = 5_000_000  # of all fields together, like an event


def read(contents: Contents) -> int:
    """Take the event and the files of a form; return how many bytes it had unpacked. Raises RefusedBody."""
    form = _Form(contents)
    form.read()
    return form.size


class _Form:
    """One form on its way through."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._fields: dict[str, str] = {}
        self._packed: dict[str, bytes] = {}
        self._left = MOST_FIELD_BYTES
        self._has_dump = False
        self._next: PartStart | None = None
        self.size = 0

    def read(self) -> None:
        row = self._contents.row
        stream = parts(self._measured(self._contents.sources.decoded(row)), row.content_type)
        for part in stream:
            start = part if isinstance(part, PartStart) else None
            while start is not None:
                self._next = None
                self._take(start, self._data(stream))
                start = self._next
        self._finish()

    def _measured(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            yield piece

    def _data(self, stream: Iterator[PartStart | PartData]) -> Iterator[bytes]:
        """Yield the bytes of the part that has begun; remember the one that begins behind it."""
        for part in stream:
            if isinstance(part, PartStart):
                self._next = part
                return
            yield part.data

    def _take(self, start: PartStart, data: Iterator[bytes]) -> None:
        if not start.is_attachment:
            self._take_field(start, data)
        elif self._contents.note_came("attachment"):
            is_dump = start.name == DUMP_FIELD
            self._has_dump = self._has_dump or is_dump
            headers = {
                "filename": start.filename or start.name,
                "content_type": start.content_type,
                **({"attachment_type": DUMP} if is_dump else {}),
            }
            self._contents.take_file(Incoming(headers, data))
        for _ in data:
            pass  # what is left of a part that is not taken

    def _take_field(self, start: PartStart, data: Iterator[bytes]) -> None:
        """Keep a field, or a file that holds the event in pieces; what is too large is cut."""
        found = bytearray()
        for piece in data:
            found += piece[: max(0, min(FIELD_BYTES, self._left) - len(found))]
        self._left -= len(found)
        if start.filename is None:
            self._fields[start.name] = found.decode("utf-8", "replace")
        else:
            self._packed[start.name] = bytes(found)

    def _finish(self) -> None:
        """Make the event of the form; without a dump there was a crash all the same."""
        if not self._contents.note_came(EVENT):
            return
        event, problems = event_of(self._fields, self._packed)
        if problems:
            extra = event.get("extra")
            event["extra"] = {**(extra if isinstance(extra, dict) else {}), "crashdesk.unreadable": problems}
        if not self._has_dump:
            event = with_facts(event, None)
        raw = jsontext.write(event)
        self._contents.drafting.add({"type": EVENT}, raw)
