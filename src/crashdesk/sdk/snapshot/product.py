"""The product's own facts: what its makers declared with ``add_snapshot_provider``, with a description for people."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crashdesk.errors import UsageError

Provide = Callable[[], Mapping[str, Any]]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Provider:
    """One section of the product's own: what it is called, what it tells, who gathers it."""

    name: str
    description: str
    function: Provide


class Providers:
    """Sections the product declared; each is called when a report is made, guarded and within its time."""

    def __init__(self) -> None:
        self._by_name: dict[str, Provider] = {}

    def add(self, name: str, description: str, function: Provide) -> None:
        """Declare a section; without a description that people can read there is none."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"A snapshot section is named like 'open_documents', not {name!r}.")
        if not description.strip() or not callable(function):
            raise UsageError(f"The snapshot section {name!r} needs a description for people and a function.")
        self._by_name[name] = Provider(name, description.strip(), function)

    def all(self) -> list[Provider]:
        return list(self._by_name.values())
