"""The table of looks, in the order in which they are made."""

from collections.abc import Callable, Iterator

from crashdesk.server.operations.check import bodies, databases, machine, sums
from crashdesk.server.operations.check.finding import Finding, Surroundings

SCHEMA = "schema"

LOOKS: dict[str, Callable[[str, Surroundings], Iterator[Finding]]] = {
    SCHEMA: databases.schema,
    "database": databases.integrity,
    "library": databases.library,
    "disk": machine.disk,
    "permissions": machine.permissions,
    "clock": machine.time,
    "parts": machine.parts,
    "processing": sums.processing,
    "account": sums.account,
    "counters": sums.counters,
    "references": bodies.references,
    "stray files": bodies.strays,
}
