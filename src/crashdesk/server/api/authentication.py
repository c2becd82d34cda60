"""Who calls: a token in the Authorization header, what it may do, and which projects its person may see."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from crashdesk import clock
from crashdesk.errors import StorageError, UsageError
from crashdesk.logs import logger
from crashdesk.server.accounts import queries as accounts
from crashdesk.server.accounts import services as account_services
from crashdesk.server.api.answers import Refusal, not_there, refusal
from crashdesk.server.api.operations import ANY_TOKEN, PUBLIC, Operation

_log = logger("api")

View = Callable[..., HttpResponseBase]


@dataclass
class Caller:
    """The person whom a token stands for, narrowed to what the token itself may do; `scope` is what the call needs."""

    user: Any
    scopes: frozenset[str]
    token_id: int
    scope: str = ANY_TOKEN

    @cached_property
    def projects(self) -> dict[int, Any]:
        """The projects that the person may see, by id."""
        return {row.id: row for row in accounts.projects_visible_to(self.user)}

    @cached_property
    def allowed(self) -> set[int]:
        """Those of the projects in which the person's role includes what this call does."""
        if self.scope in {ANY_TOKEN, PUBLIC}:
            return set(self.projects)
        scopes = accounts.scopes_by_project(self.user, self.projects)
        return {project_id for project_id, given in scopes.items() if self.scope in given}

    def project(self, organisation: str, name: str) -> Any:
        """Return the visible project with this slug or id; refuse unknown and foreign ones alike."""
        for row in self.projects.values():
            if name in {row.slug, str(row.id)} and _is_below(row, organisation):
                self.must(row.id)
                return row
        raise not_there()

    def projects_below(self, organisation: str, names: Iterable[str] = ()) -> list[Any]:
        """Return the projects of the organisation in which this call is allowed: those with these names, or all."""
        chosen = [name for name in names if name != "-1"]
        if chosen:
            return [self.project(organisation, name) for name in dict.fromkeys(chosen)]
        visible = [row for row in self.projects.values() if _is_below(row, organisation)]
        if not visible:
            raise not_there()
        allowed = [row for row in visible if row.id in self.allowed]
        if not allowed:
            raise no_permission()
        return allowed

    def must(self, project_id: int) -> None:
        """Refuse unless the person's role in the project includes what this call does."""
        if project_id not in self.allowed:
            raise no_permission()


def no_permission() -> Refusal:
    return Refusal(403, "You do not have permission to perform this action.")


def view_of(operations: Sequence[Operation]) -> View:
    """Return the view of one address: token first, then scope, then the call."""
    methods = {operation.method: operation for operation in operations}

    @csrf_exempt
    @login_not_required
    def view(request: HttpRequest, **names: Any) -> HttpResponseBase:
        try:
            return _answered(methods, request, names)
        except Refusal as refused:
            response = refusal(refused.status, refused.detail)
            for header, text in refused.headers.items():
                response[header] = text
            return response
        except (RequestDataTooBig, TooManyFilesSent, TooManyFieldsSent):
            return refusal(413, "The body is larger than this endpoint takes.")
        except (MultiPartParserError, UsageError) as error:
            return refusal(400, str(error))
        except StorageError as error:
            response = refusal(503, str(error))
            response["Retry-After"] = "60"
            return response

    return view


def _answered(methods: dict[str, Operation], request: HttpRequest, names: dict[str, Any]) -> HttpResponseBase:
    if any("\0" in text for _, texts in request.GET.lists() for text in texts) or "\0" in request.path:
        raise Refusal(400, "An address and its query hold no zero byte.")  # PostgreSQL takes none in a text
    name = "GET" if request.method == "HEAD" else request.method or ""
    operation = methods.get(name)
    if operation is not None and operation.scope == PUBLIC:
        return operation.handler(request)
    caller = _caller(request)
    _note(request, caller)
    if operation is None:
        raise _not_allowed(name, methods)
    _check(operation, caller)
    caller.scope = operation.scope
    return operation.handler(request, caller, **names)


def _check(operation: Operation, caller: Caller) -> None:
    if operation.scope and operation.scope not in caller.scopes:
        raise Refusal(403, f"This token lacks the scope {operation.scope}: create one that has it.")
    if operation.is_for_superusers and not caller.user.is_superuser:
        raise Refusal(403, "This is for whoever runs this server: use a token of a superuser.")


def _not_allowed(name: str, methods: Iterable[str]) -> Refusal:
    refused = Refusal(405, f'Method "{name}" not allowed.')
    refused.headers["Allow"] = ", ".join(sorted(methods))
    return refused


def _note(request: HttpRequest, caller: Caller) -> None:
    fields = {"method": request.method, "path": request.path, "credential": caller.token_id}
    _log.info("call", extra={"fields": fields})


def _is_below(project: Any, organisation: str) -> bool:
    return organisation in {project.organisation.slug, str(project.organisation_id)}


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
