"""Hear of uncaught exceptions also when the host's own hook has silenced ours: the interpreter announces them first.

Products set ``sys.excepthook`` late and often without passing on to the earlier one. The interpreter raises an audit
event before it calls whichever hook is set. An audit hook cannot be taken away again, so there is one for the whole
process, which does nothing while nobody listens.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from crashdesk.sdk import guard

Listeners = Mapping[str, Callable[..., None]]

_listening: list[Listeners] = []
_is_installed = False


def begin(listeners: Listeners) -> None:
    """Call the listener named like an audit event with its arguments, before the host's hook is called."""
    global _is_installed  # noqa: PLW0603 - one audit hook a process
    if listeners not in _listening:
        _listening.append(listeners)
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_heard)


def end(listeners: Listeners) -> None:
    if listeners in _listening:
        _listening.remove(listeners)


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if event[:4] != "sys." or not _listening:  # nearly all events of a program end here
        return
    for listeners in tuple(_listening):
        listener = listeners.get(event)
        if listener is not None:
            with guard.inside(event):
                listener(*args)
