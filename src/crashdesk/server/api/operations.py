"""What the API can do, as rows of one table: method, address, scope, shapes. Views, tests and OpenAPI read it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase

Handler = Callable[..., HttpResponseBase]

BYTES = bytes  # in place of a shape: the answer is a file
ANY_TOKEN = ""  # in place of a scope: every token will do
PUBLIC = "public"  # in place of a scope: no token is asked for

_CONVERTER = re.compile(r"<(\w+):(\w+)>")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: its address as Django writes it, the scope of token and role, and the shapes of body and answer.

    `answers` is None where the answer is empty; `also` are further statuses with the same answer; `query` names rows
    of the table of parameters; `form` is the schema of a body in parts; `gives_bytes` says that the answer may be a
    file, `is_for_superusers` that no role in a project is enough.
    """

    method: str
    path: str
    scope: str
    handler: Handler
    answers: Any
    status: int = 200
    also: tuple[int, ...] = ()
    body: Any = None
    query: tuple[str, ...] = ()
    form: Any = None
    gives_bytes: bool = False
    is_for_superusers: bool = False

    @property
    def summary(self) -> str:
        """The first line of what the handler says of itself."""
        return (self.handler.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def parameters(self) -> list[str]:
        """The names that stand in the address."""
        return [name for _, name in _CONVERTER.findall(self.path)]

    @property
    def template(self) -> str:
        """The address as OpenAPI writes it."""
        return "/api/0/" + _CONVERTER.sub(r"{\2}", self.path)

    def address(self, names: dict[str, str]) -> str:
        """Return the address with these names in their places."""
        return "/api/0/" + _CONVERTER.sub(lambda found: names[found[2]], self.path)


def by_path(table: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Return the operations of each address, in the order of the table."""
    found: dict[str, list[Operation]] = {}
    for row in table:
        found.setdefault(row.path, []).append(row)
    return found
