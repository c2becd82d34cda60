"""Multipart forms as crash handlers send them, read as a stream: the same parts at the door and in the processor.

A part with a file name is a file, else the value of a field. Whatever is wrong with the form ends in RefusedBody.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from crashdesk.server.intake.encodings import RefusedBody

MOST_PARTS = 1000
MOST_HEADERS, MOST_HEADER_BYTES = 16, 8192
NAME_LIMIT = 200
DUMP_FIELD = "upload_file_minidump"
_EVENT_FILES = ("__sentry-event", "__sentry-breadcrumb")  # the event itself in pieces, written by native clients

logging.getLogger("python_multipart").setLevel(logging.ERROR)  # what strangers send is no news


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins: the name of its field, its file name (None for the value of a field) and what it says it is."""

    name: str
    filename: str | None
    content_type: str

    @property
    def is_attachment(self) -> bool:
        """Whether the part is a file that belongs to the event, the dump included."""
        return self.filename is not None and not self.name.startswith(_EVENT_FILES)


@dataclass(frozen=True, slots=True)
class PartData:
    """Bytes of the part that began last."""

    data: bytes


def parts(pieces: Iterable[bytes], content_type: str) -> Iterator[PartStart | PartData]:
    """Yield the parts of a form; raises RefusedBody for a form that is broken, endless or ends too early."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise RefusedBody("form_without_boundary")
    form = _Form(boundary)
    for piece in pieces:
        yield from form.feed(piece)
    if not form.is_complete:
        raise RefusedBody("form_truncated")


class _Form:
    """The parser's callbacks, turned into a list of what a piece of the form completed."""

    def __init__(self, boundary: bytes) -> None:
        self.is_complete = False
        self._parts = 0
        self._found: list[PartStart | PartData] = []
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value = bytearray(), bytearray()
        callbacks = {
            "on_part_begin": self._begin,
            "on_part_data": lambda data, start, end: self._found.append(PartData(data[start:end])),
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._start,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(
                boundary,
                callbacks,  # type: ignore[arg-type]  # typed as all callbacks of all its parsers
                max_header_count=MOST_HEADERS,
                max_header_size=MOST_HEADER_BYTES,
            )
        except FormParserError as error:
            raise RefusedBody("form_broken") from error

    def feed(self, piece: bytes) -> list[PartStart | PartData]:
        """Return what `piece` completes."""
        self._found = []
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise RefusedBody("form_broken") from error
        return self._found

    def _begin(self) -> None:
        self._parts += 1
        self._headers = {}
        if self._parts > MOST_PARTS:
            raise RefusedBody("form_broken")

    def _end_header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _start(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        filename = options.get(b"filename")
        self._found.append(
            PartStart(
                _text(options.get(b"name", b"")),
                None if filename is None else _text(filename),
                _text(self._headers.get(b"content-type", b"")),
            )
        )

    def _end(self) -> None:
        self.is_complete = True


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")[:NAME_LIMIT]
