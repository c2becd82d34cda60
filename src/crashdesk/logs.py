"""Log records: one root logger ``crashdesk``, text for a terminal, JSON lines elsewhere, control characters escaped.

Fields travel in ``extra={"fields": {...}}``; a field whose name tells of a secret is written as ``[removed]``.
"""

import json
import logging
import sys
from typing import Any

from crashdesk import settings

ROOT = "crashdesk"
_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key")


def logger(name: str) -> logging.Logger:
    """Return the logger of a part, such as ``collector``; all of them hang below ``crashdesk``."""
    return logging.getLogger(f"{ROOT}.{name}")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return {
        name: "[removed]" if any(word in name.lower() for word in _SECRET_WORDS) else content
        for name, content in fields.items()
    }


class TextFormatter(logging.Formatter):
    """``12:00:00 INFO collector: message key=value``, on one line whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        part = record.name.removeprefix(f"{ROOT}.")
        tail = "".join(f" {name}={_printable(str(content))}" for name, content in _fields(record).items())
        line = (
            f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {part}: {_printable(record.getMessage())}{tail}"
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, part, message, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "part": record.name.removeprefix(f"{ROOT}."),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def configure() -> None:
    """Send Crashdesk's records to standard error in the form and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    form = settings.value("log_format")
    as_text = form == "text" or (form == "auto" and sys.stderr is not None and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if as_text else JsonFormatter())
    root = logging.getLogger(ROOT)
    root.handlers[:] = [handler]
    root.setLevel(settings.value("log_level"))
    root.propagate = False
