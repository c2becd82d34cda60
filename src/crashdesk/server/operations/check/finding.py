"""One finding of a check, and what a look is given."""

from dataclasses import dataclass

from crashdesk.server.installation import Installation

OK, NOTE, WARNING, ERROR = "ok", "note", "warning", "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """How bad it is, what was looked at, what was found, and what to do when it is not well."""

    severity: str
    name: str
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a look works with."""

    server: Installation
    is_deep: bool
