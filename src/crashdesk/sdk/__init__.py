"""Crashdesk inside a product: ``init()`` once, as early as can be, and every failure ends as a report.

Importing this brings the standard library only. After ``init()`` nothing raises here, waits or is felt by the product:
what fails inside stays inside (see `guard`). Without ``init()`` every other call does nothing.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crashdesk.sdk.guard import guarded

if TYPE_CHECKING:  # at run time these come with init(), which is when they are needed
    from pathlib import Path

    from crashdesk.sdk.guest import Guest
    from crashdesk.sdk.options import BeforeSend

__all__ = [
    "add_attachment",
    "add_breadcrumb",
    "add_snapshot_provider",
    "capture_exception",
    "capture_message",
    "close",
    "flush",
    "init",
    "last_event_id",
    "open_feedback",
    "send_feedback",
    "set_context",
    "set_tag",
    "set_user",
]

_guest: "Guest | None" = None


def init(
    dsn: str | None,
    *,
    release: str | None = None,
    environment: str | None = None,
    product: str | None = None,
    data_dir: "str | Path | None" = None,
    consent: str = "ask",
    before_send: "BeforeSend | None" = None,
    in_app_include: Sequence[str] = (),
    agent: str | Sequence[str] = "auto",
    hang_seconds: float = 5.0,
    max_breadcrumbs: int = 100,
    tags: Mapping[str, str] | None = None,
    eager: bool = False,
    restart_command: Sequence[str] | None = None,
    screenshots: bool = False,
) -> None:
    """Begin to capture in this process; call it before the window toolkit is imported, once.

    `consent` is ``"ask"`` (a report waits for the person), ``"given"`` or ``"refused"``. `before_send` may change an
    event or return None to veto it. `agent` is ``"auto"``, ``"off"`` or a command that is started with ``--dsn``,
    ``--data`` and ``--product``. `restart_command` lets its window offer a restart. `screenshots` adds a picture of
    the product's own window to a report that waits for the person, who decides whether it goes.

    Without a DSN nothing is set up. Raises UsageError for an argument that is wrong; everything else that goes wrong,
    such as a full disk, is kept inside.
    """
    if not dsn:
        return
    from crashdesk.sdk.options import checked

    options = checked(
        dsn,
        caller_module=sys._getframe(1).f_globals.get("__name__", ""),  # noqa: SLF001 - the product's own package
        release=release,
        environment=environment,
        product=product,
        data_dir=data_dir,
        consent=consent,
        before_send=before_send,
        in_app_include=in_app_include,
        agent=agent,
        hang_seconds=hang_seconds,
        max_breadcrumbs=max_breadcrumbs,
        tags=tags,
        eager=eager,
        restart_command=restart_command,
        screenshots=screenshots,
    )
    _begin(options)


@guarded("init", None)
def _begin(options: Any) -> None:
    global _guest  # noqa: PLW0603 - one SDK a process, as there is one sys.excepthook
    from crashdesk.sdk.guest import Guest

    close()
    _guest = Guest(options)
    _guest.start()


@guarded("capture_exception", None)
def capture_exception(error: BaseException | None = None) -> str | None:
    """Report an exception the product handles itself (the current one if none is given); return the event's id."""
    if error is None:
        error = sys.exc_info()[1]
    return _guest.captures.exception(error) if _guest and error is not None else None


@guarded("capture_message", None)
def capture_message(message: str, level: str = "info") -> str | None:
    """Report a message; return the event's id."""
    return _guest.captures.message(str(message), level) if _guest else None


@guarded("add_breadcrumb", None)
def add_breadcrumb(
    message: str, *, category: str = "product", level: str = "info", data: Mapping[str, Any] | None = None
) -> None:
    """Add one line to the trail that every later report carries."""
    if _guest:
        _guest.breadcrumb(message, category=category, level=level, data=data)


@guarded("set_user", None)
def set_user(user: Mapping[str, Any] | None) -> None:
    """Say who uses the product (id, email, username as far as they agreed), or None for nobody."""
    if _guest:
        _guest.scope.set_user(user)
        _guest.facts_changed()


@guarded("set_tag", None)
def set_tag(key: str, value: object) -> None:
    """Mark every later report with a short searchable value; None takes the mark away."""
    if _guest:
        _guest.scope.set_tag(key, value)
        _guest.facts_changed()


@guarded("set_context", None)
def set_context(name: str, facts: Mapping[str, Any] | None) -> None:
    """Add structured facts to every later report; None takes them away."""
    if _guest:
        _guest.scope.set_context(name, facts)
        _guest.facts_changed()


@guarded("add_attachment", None)
def add_attachment(source: "str | Path | bytes", filename: str | None = None, content_type: str | None = None) -> None:
    """Add a file to every later report: bytes, or a path that is read when a report is made (a log, say)."""
    if _guest:
        from crashdesk.sdk.scope import attachment_of

        _guest.scope.attach(attachment_of(source, filename, content_type))


@guarded("send_feedback", None)
def send_feedback(
    message: str,
    *,
    kind: str = "problem",
    contact_email: str | None = None,
    name: str | None = None,
    severity: str | None = None,
    associated_event_id: str | None = None,
    attachments: "Sequence[str | Path]" = (),
) -> str | None:
    """Send a person's own words from the product's own form; return the feedback's id."""
    if not _guest:
        return None
    from crashdesk.sdk.feedback import made

    words = made(message, kind, associated_event_id, severity=severity, contact_email=contact_email, name=name)
    return _guest.send_feedback(words, attachments)


@guarded("open_feedback", False)
def open_feedback(message: str = "", *, kind: str = "problem", associated_event_id: str | None = None) -> bool:
    """Open the agent's feedback window, for a menu entry like Help, Send feedback; False when there is no agent."""
    if not _guest:
        return False
    return _guest.open_feedback({"message": message, "kind": kind, "associated_event_id": associated_event_id})


@guarded("add_snapshot_provider", None)
def add_snapshot_provider(name: str, description: str, function: Callable[[], Mapping[str, Any]]) -> None:
    """Declare a snapshot section of the product's own; people read `description` before they agree to send it."""
    if _guest:
        _guest.providers.add(name, description, function)


@guarded("flush", False)
def flush(seconds: float = 2.0) -> bool:
    """Bring everything captured to the outbox; True when nothing is in memory only."""
    return _guest.flush(seconds) if _guest else True


@guarded("close", None)
def close() -> None:
    """Stop capturing and give every hook back."""
    global _guest
    guest, _guest = _guest, None
    if guest:
        guest.close()


@guarded("last_event_id", None)
def last_event_id() -> str | None:
    """Return the id of the newest report of this run."""
    return _guest.captures.last_event_id if _guest else None
