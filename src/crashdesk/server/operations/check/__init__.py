"""``server check``: one look after the other, each with what it found and what to do about it.

A look is a function in LOOKS; what it yields besides errors are warnings and notes. Samples are read unless asked for
all. Everything may run while the server runs: what is written meanwhile is allowed for.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from crashdesk.errors import CrashdeskError
from crashdesk.server.administration import start_on
from crashdesk.server.intake import sqlite
from crashdesk.server.operations.check.finding import ERROR, NOTE, OK, WARNING, Finding, Surroundings

__all__ = ["ERROR", "NOTE", "OK", "WARNING", "Finding", "run"]


def run(data: Path, say: Callable[[str], None], *, is_deep: bool) -> Iterator[Finding]:
    """Yield what is found, well or not; a look that cannot be made is an error of its own."""
    server = start_on(data, whatever_its_tables=True)
    from django.db import Error  # after Django's start, as below

    from crashdesk.server.operations.check.looks import LOOKS, SCHEMA

    for name, look in LOOKS.items():
        say(f"looking at {name}")
        try:
            for finding in look(name, Surroundings(server, is_deep)):
                yield finding
                if name == SCHEMA and finding.severity == ERROR:
                    return  # nothing else can be read as this version reads it
        except (CrashdeskError, Error, sqlite.library().Error, OSError) as error:
            yield Finding(ERROR, name, f"This could not be looked at: {error}", "Mend that and check again.")
