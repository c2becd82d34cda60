"""Who calls: a token in the Authorization header, what it may do, and which projects its person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from crashdesk import clock
from crashdesk.logs import logger
from crashdesk.server.accounts import queries as accounts
from crashdesk.server.accounts import services as account_services
from crashdesk.server.api.answers import Refusal, not_there, refusal

_log = logger("api")

View = Callable[..., HttpResponse]
Handler = Callable[..., HttpResponse]


@dataclass
class Caller:
    """The person whom a token stands for, narrowed to what the token itself may do."""

    user: Any
    scopes: frozenset[str]
    token_id: int

    @cached_property
    def projects(self) -> dict[int, Any]:
        """The projects that the person may see, by id."""
        return {row.id: row for row in accounts.projects_visible_to(self.user)}

    def project(self, organisation: str, name: str) -> Any:
        """Return the visible project with this slug or id; refuse unknown and foreign ones alike."""
        for row in self.projects.values():
            is_meant = name in {row.slug, str(row.id)}
            if is_meant and organisation in {row.organisation.slug, str(row.organisation_id)}:
                return row
        raise not_there()

    def must(self, scope: str, project_id: int) -> None:
        """Refuse unless the person's role in the project gives `scope`."""
        if not accounts.may(self.user, scope, project_id):
            raise Refusal(403, "You do not have permission to perform this action.")


def endpoint(**handlers: tuple[str, Handler]) -> View:
    """Return a view of ``get=(scope, function)``, ``put=(scope, function)``: token first, then scope, then the call."""
    methods = {name.upper(): entry for name, entry in handlers.items()}

    @csrf_exempt
    @login_not_required
    @wraps(next(iter(handlers.values()))[1])
    def view(request: HttpRequest, **names: Any) -> HttpResponse:
        try:
            caller = _caller(request)
            _note(request, caller)
            handler = _allowed(methods, request, caller)
            return handler(request, caller, **names)
        except Refusal as refused:
            return refusal(refused.status, refused.detail)
        except RequestDataTooBig:
            return refusal(413, "The body is larger than this endpoint takes.")

    return view


def _note(request: HttpRequest, caller: Caller) -> None:
    fields = {"method": request.method, "path": request.path, "credential": caller.token_id}
    _log.info("call", extra={"fields": fields})


def _allowed(methods: dict[str, tuple[str, Handler]], request: HttpRequest, caller: Caller) -> Handler:
    name = "GET" if request.method == "HEAD" else request.method or ""
    if name not in methods:
        raise Refusal(405, f'Method "{name}" not allowed.')
    scope, handler = methods[name]
    if scope and scope not in caller.scopes:
        raise Refusal(403, f"This token lacks the scope {scope}: create one that has it.")
    return handler


def _caller(request: HttpRequest) -> Caller:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Refusal(401, "Authentication credentials were not provided.")
    now = clock.now()
    token = accounts.authenticate_token(secret.strip(), None, now)
    if token is None:
        raise Refusal(401, "Invalid token")
    account_services.note_use_of(token, now)
    return Caller(token.user, frozenset(token.scopes), token.pk)
