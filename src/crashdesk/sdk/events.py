"""Events built by hand: when sentry-sdk cannot be imported, and for what only we see (native, hang, message)."""

import linecache
from collections.abc import Iterable, Iterator
from types import CodeType, TracebackType
from typing import Any

from crashdesk import clock
from crashdesk.protocol.envelope import new_event_id
from crashdesk.sdk.hooks.fault_text import Fault, FaultFrame, FaultThread
from crashdesk.sdk.own_code import module_of

Event = dict[str, Any]

CONTEXT_LINES = 5
LINE_CHARACTERS = 300
VALUE_CHARACTERS = 8192
MOST_FRAMES = 200
MOST_CAUSES = 20


def blank(level: str) -> Event:
    """Return an event that says only when it happened and how bad it is."""
    return {"event_id": new_event_id(), "timestamp": clock.timestamp(), "level": level, "platform": "python"}


def message_event(text: str, level: str) -> Event:
    return {**blank(level), "message": text[:VALUE_CHARACTERS]}


def exception_event(error: BaseException, trace: TracebackType | None, mechanism: dict[str, Any]) -> Event:
    """Describe an exception with its causes, oldest first, as sentry-sdk would, but without its help."""
    values = []
    for cause, cause_trace in _chain(error, trace):
        values.append(
            {
                "type": type(cause).__qualname__,
                "module": type(cause).__module__,
                "value": _text_of(cause),
                "stacktrace": {"frames": list(_frames(cause_trace))[-MOST_FRAMES:]},
            }
        )
    values[0]["mechanism"] = mechanism
    return {**blank("error"), "exception": {"values": values[::-1]}}


def fault_event(fault: Fault, kind_of_error: str, value: str, search_path: Iterable[str]) -> Event:
    """Describe what faulthandler wrote: the thread to blame as an exception, all threads below it."""
    blamed = fault.main_thread
    mechanism = {"type": "faulthandler", "handled": False, "synthetic": True}
    frames = [_fault_frame(frame, search_path) for frame in (blamed.frames if blamed else ())]
    entry = {"type": kind_of_error, "value": value, "mechanism": mechanism, "stacktrace": {"frames": frames}}
    return {
        **blank("fatal" if fault.kind == "native" else "error"),
        "exception": {"values": [entry]},
        "threads": {"values": [_fault_thread(thread, blamed, search_path) for thread in fault.threads]},
    }


def _chain(error: BaseException, trace: TracebackType | None) -> Iterator[tuple[BaseException, TracebackType | None]]:
    """Yield the exception and its causes, each once, newest first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MOST_CAUSES:
        seen.add(id(current))
        yield current, (trace if current is error else None) or current.__traceback__
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:VALUE_CHARACTERS]
    except Exception as failure:  # noqa: BLE001 - a product's own __str__ may fail in any way
        return f"(its text could not be had: {type(failure).__name__})"


def _frames(trace: TracebackType | None) -> Iterator[Event]:
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__")
        yield {**_frame(code, trace.tb_lineno), "module": module if isinstance(module, str) else None}
        trace = trace.tb_next


def _frame(code: CodeType, line: int) -> Event:
    return {
        "abs_path": code.co_filename,
        "filename": code.co_filename.replace("\\", "/").rpartition("/")[2],
        "function": code.co_qualname if hasattr(code, "co_qualname") else code.co_name,
        "lineno": line,
        **source_context(code.co_filename, line),
    }


def source_context(path: str, line: int) -> dict[str, Any]:
    """Return the line and its neighbours, as far as the source is there."""
    lines = linecache.getlines(path)
    if not 0 < line <= len(lines):
        return {}
    cut = [
        text.rstrip("\n")[:LINE_CHARACTERS] for text in lines[max(0, line - 1 - CONTEXT_LINES) : line + CONTEXT_LINES]
    ]
    at = min(line - 1, CONTEXT_LINES)
    return {"context_line": cut[at], "pre_context": cut[:at], "post_context": cut[at + 1 :]}


def _fault_frame(frame: FaultFrame, search_path: Iterable[str]) -> Event:
    found: Event = {
        "abs_path": frame.filename,
        "filename": frame.filename.replace("\\", "/").rpartition("/")[2],
        "function": frame.function,
        "module": module_of(frame.filename, search_path),
    }
    if frame.lineno is not None:
        found |= {"lineno": frame.lineno, **source_context(frame.filename, frame.lineno)}
    return found


def _fault_thread(thread: FaultThread, blamed: FaultThread | None, search_path: Iterable[str]) -> Event:
    is_blamed = thread is blamed
    described: Event = {"id": thread.ident, "crashed": is_blamed, "current": is_blamed}
    if not is_blamed:  # the blamed one's stack stands with the exception
        described["stacktrace"] = {"frames": [_fault_frame(frame, search_path) for frame in thread.frames]}
    return described
