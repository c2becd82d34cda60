"""Taking a report back: whoever shows the secret that its sender kept may do so, without an account."""

from typing import Annotated, TypedDict
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from crashdesk.server.api import bodies
from crashdesk.server.api.answers import not_there, nothing
from crashdesk.server.api.schemas import Number, Text
from crashdesk.server.issues.erasure import withdraw


class Withdrawal(TypedDict):
    """A report that its sender takes back: the project's number, the report's id, the secret that was kept."""

    project: Annotated[int, Number(1, 2**63 - 1)]
    report: Annotated[str, Text(pattern="^[0-9a-f]{32}$")]
    secret: Annotated[str, Text(least=1, most=128)]


def take_back(request: HttpRequest) -> HttpResponse:
    """Erase a report whose sender takes it back; an unknown report and a wrong secret look the same."""
    asked = bodies.read(request, Withdrawal)
    if not withdraw(asked["project"], UUID(asked["report"]), asked["secret"]):
        raise not_there()
    return nothing()
