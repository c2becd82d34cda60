"""A part of a report as text for people: steps as sentences, stacks as lines, facts as an indented list.

What a report holds is shown as it is, never interpreted; characters that would hide or turn text around are written
out as U+XXXX.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime

from crashdesk.agent.ui.parts import Part
from crashdesk.protocol import jsontext
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.event import EventView, ExceptionView
from crashdesk.protocol.snapshot import section

MAX_DEPTH = 8
MAX_HEX_BYTES = 64 * 1024
INSTALLATION_PREFIX = "installation-"
"""How the number begins by which the SDK counts installations where the product names no user."""
_HIDDEN = {"Cc", "Cf", "Co", "Cn", "Cs"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Parts", text)


def visible(text: str) -> str:
    """Return the text with characters that cannot be seen written out; lines and tabs stay."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in _HIDDEN else f"U+{ord(char):04X}" for char in text
    )


def size_in_words(count: int) -> str:
    """Return a number of bytes as people read it: 940 bytes, 38 KB, 1.2 MB, 16 GB."""
    if count < 1000:
        return _tr("{count} bytes").format(count=count)
    if count < 999_500:
        return f"{max(1, round(count / 1000))} KB"
    if count < 999_500_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def time_of_day(at: datetime) -> str:
    """Return the hour and minute, as this person writes them."""
    return QLocale().toString(QTime(at.hour, at.minute), QLocale.FormatType.ShortFormat)


def day(at: datetime) -> str:
    """Return the date, as this person writes it."""
    return QLocale().toString(QDate(at.year, at.month, at.day), QLocale.FormatType.ShortFormat)


def title(part: Part) -> str:
    """Return the name of a part as the preview lists it."""
    if part.is_file:
        return visible(part.filename) or _tr("File without a name")
    return {
        "words": _tr("Your words"),
        "error": _tr("What went wrong"),
        "steps": _tr("The last steps"),
        "computer": _tr("This computer"),
        "program": _tr("The program"),
        "threads": _tr("What ran beside it"),
        "person": _tr("Whose report it is"),
        "facts": _tr("Other facts"),
        "report": _tr("The report itself"),
    }.get(part.key, visible(part.content_type) or _tr("Other"))


def readable(part: Part) -> str:
    """Return the part as text for people."""
    if isinstance(part.content, bytes):
        return raw(part)
    text = {"error": _error, "steps": _steps, "words": _words, "person": _person}.get(part.key, _facts)(part.content)
    return visible(text) or _tr("Nothing in it.")


def raw(part: Part) -> str:
    """Return what is sent of the part: JSON laid out in lines, text of a file, or its bytes as hexadecimal."""
    if not isinstance(part.content, bytes):
        return visible(_laid_out(part.content))
    try:
        return visible(part.content.decode("utf-8"))
    except UnicodeDecodeError:
        return _hexadecimal(part.content)


def whole(envelope: Envelope) -> str:
    """Return a report as it is sent; the bytes of pictures and other files as hexadecimal, long ones cut."""
    header, _newline, _rest = envelope.to_bytes().partition(b"\n")
    return visible("\n".join([header.decode("utf-8", "backslashreplace"), *map(_item, envelope.items)]))


def _item(item: Item) -> str:
    data = item.to_bytes().strip(b"\n")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        header, _newline, _rest = data.partition(b"\n")
        return f"{header.decode('utf-8', 'backslashreplace')}\n{_hexadecimal(item.payload)}"


def _laid_out(value: Any) -> str:

    return json.dumps(jsontext.read(jsontext.write(value)), indent=2, ensure_ascii=False)


def _hexadecimal(data: bytes) -> str:
    lines = [
        f"{start:08x}  {data[start : start + 16].hex(' ')}" for start in range(0, min(len(data), MAX_HEX_BYTES), 16)
    ]
    if len(data) > MAX_HEX_BYTES:
        more = size_in_words(len(data) - MAX_HEX_BYTES)
        lines.append(_tr("… and {more} more of the same file").format(more=more))
    return "\n".join(lines)


def _error(content: Mapping[str, Any]) -> str:
    view = EventView(content)
    blocks = [_exception(exception) for exception in reversed(view.exceptions)]
    if view.message:
        blocks.insert(0, str(view.message))
    return "\n\n".join(blocks) or "\n".join(_lines(content))


def _exception(exception: ExceptionView) -> str:
    lines = [": ".join(text for text in (str(exception.type or ""), str(exception.value or "")) if text)]
    for frame in reversed(exception.frames):
        place = str(frame.filename or frame.module or frame.abs_path or "?")
        line = f"{place}:{frame.lineno}" if frame.lineno else place
        lines.append(f"    {frame.function or '?'}  ·  {line}")
        if frame.context_line and frame.in_app:
            lines.append(f"        {str(frame.context_line).strip()}")
    return "\n".join(lines)


def _steps(content: Mapping[str, Any]) -> str:
    steps = EventView(content).breadcrumbs
    return "\n".join(_step(step) for step in steps)


def _step(step: Mapping[str, Any]) -> str:
    text = step.get("message") or step.get("category") or step.get("type") or ""
    data = step.get("data")
    more = ", ".join(f"{name}: {value}" for name, value in data.items()) if isinstance(data, dict) else ""
    told = f"{text}  ({more})" if more else str(text)
    return f"{_clock(step.get('timestamp'))}  {told}"


def _clock(value: Any) -> str:
    """Return the time of day, here, of a step."""
    try:
        at = (
            datetime.fromtimestamp(float(value), UTC)
            if isinstance(value, int | float)
            else datetime.fromisoformat(value)
        )
        return at.astimezone().strftime("%H:%M:%S")
    except (TypeError, ValueError, OverflowError, OSError):
        return "--:--:--"


def _words(content: Mapping[str, Any]) -> str:
    feedback = content.get("contexts", {}).get("feedback") if isinstance(content.get("contexts"), dict) else None
    if not isinstance(feedback, dict):
        return "\n".join(_lines(content))
    message = str(feedback.get("message", ""))
    others = {name: value for name, value in feedback.items() if name != "message"}
    return "\n\n".join(text for text in (message, "\n".join(_lines(others))) if text)


def _person(content: Mapping[str, Any]) -> str:
    """Return whom the program names; the number of an installation with what it is for."""
    user = content.get("user")
    number = str(user.get("id") or "") if isinstance(user, dict) else ""
    if not number.startswith(INSTALLATION_PREFIX):
        return _facts(content)
    what = _tr("A random number, made on this computer so that its reports are counted as one user's. It names nobody.")
    return f"{what}\n\n{_facts(content)}"


def _facts(content: Mapping[str, Any]) -> str:
    """Return sections with an empty line between them; lists of packages come last."""
    contexts = content.get("contexts")
    named = dict(contexts) if isinstance(contexts, dict) else {}
    plain = {key: value for key, value in content.items() if key not in {"contexts", "modules"}}
    if "modules" in content:
        named["distributions"] = content["modules"]
    blocks = [_lines(plain), *(_named(_section(name), value, 0) for name, value in named.items())]
    return "\n\n".join(text for block in blocks if (text := "\n".join(block)))


def _section(name: str) -> str:
    """Return what a context is called: the description of a declared section without its stop, else its own name."""
    declared = section(name)
    return declared.description.rstrip(".") if declared is not None else name


def _lines(value: Any, depth: int = 0) -> Iterator[str]:
    indent = "    " * depth
    if depth >= MAX_DEPTH:
        yield f"{indent}…"
    elif isinstance(value, Mapping):
        for name, content in value.items():
            yield from _named(str(name).replace("_", " "), content, depth)
    elif isinstance(value, list | tuple):
        for content in value:
            yield from _lines(content, depth)
    else:
        yield f"{indent}{_scalar(value)}"


def _named(name: str, content: Any, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if isinstance(content, Mapping | list | tuple) and content:
        yield f"{indent}{name}"
        yield from _lines(content, depth + 1)
    elif _is_bytes(name, content):
        yield f"{indent}{name}: {size_in_words(content)}"
    else:
        yield f"{indent}{name}: {_scalar(content)}"


def _is_bytes(name: str, content: Any) -> bool:
    is_size = name.endswith(" bytes") or name in {"memory size", "free memory", "free storage", "storage size"}
    return is_size and isinstance(content, int) and not isinstance(content, bool)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    return "-" if value is None or value in ("", [], {}, ()) else str(value)
