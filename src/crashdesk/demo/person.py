"""The tour with a person at the machine: Fieldbook stands open, comes back after a crash, and what to try is said."""

from collections.abc import Callable

from crashdesk import clock
from crashdesk.demo.embedded_server import Server
from crashdesk.demo.fieldbook.bugs import BUGS
from crashdesk.demo.processes import Process, Stage, end, open_for_person
from crashdesk.errors import CrashdeskError

Say = Callable[[str], None]


def accompany(server: Server, stage: Stage, say: Say) -> None:
    """Keep Fieldbook open until the person closes it, then the server until Ctrl-C."""
    say("Fieldbook opens. Its bugs, to try out:")
    for number, bug in enumerate(BUGS, 1):
        say(f"  {number}. {bug.title}: {bug.steps}")
    say("  Or Help > Send feedback…")
    say("After each, say a few words in Crashdesk's window and send; then look at the issues in the browser.\n")
    product = open_for_person(stage)
    try:
        while _has_crashed(product, server):
            say("Fieldbook crashed and is opened again; Crashdesk now asks about the crash.")
            product = open_for_person(stage)
        say(f"Fieldbook was closed. The server goes on at {server.url}/ until Ctrl-C.")
        _wait(server, None)
    finally:
        end(product)


def _has_crashed(product: Process, server: Server) -> bool:
    """Wait until Fieldbook ends; tell whether a signal ended it."""
    _wait(server, product)
    return (product.returncode or 0) < 0


def _wait(server: Server, product: Process | None) -> None:
    while product is None or product.poll() is None:
        if server.process.poll() is not None:
            raise CrashdeskError("The server has ended by itself: start the tour again.")
        clock.sleep(0.2)
