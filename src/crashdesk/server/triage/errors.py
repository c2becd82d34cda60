"""Error pages in the product's words: what happened, what to do; never a path, setting or traceback."""

import sys

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from crashdesk.logs import logger, request_number

_log = logger("web")


def _page(request: HttpRequest, status: int, what: str, why: str, way_out: str, number: str = "") -> HttpResponse:
    facts = {"what": what, "why": why, "way_out": way_out, "number": number}
    return render(request, "triage/error.html", facts, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for what does not exist and for what this person may not see: both look the same."""
    del exception
    what = _("There is nothing here for you")
    why = _("This address leads to nothing, or to something that your account may not see.")
    return _page(request, 404, what, why, _("Check the address, or ask an admin of the project for access."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a change that the person's role does not include; the exception says which."""
    why = str(exception or "") or _("Your role in this project does not include this.")
    way_out = _("An admin of the project can give you another role.")
    return _page(request, 403, _("Your role does not include this"), why, way_out)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a request that no page of ours sends, or for a name that is not ours; nothing of it is repeated."""
    if isinstance(exception, DisallowedHost):
        why = _("This server does not answer to the name in your address bar.")
        way_out = _("Use the address it was set up with; crashdesk server init --url changes that.")
        return _page(request, 400, _("Wrong name for this server"), why, way_out)
    why = _("The request was not of the form that this server understands.")
    return _page(request, 400, _("This request cannot be read"), why, _("Open the page again and repeat what you did."))


def too_many_tries(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for too many tries to sign in from one address."""
    del exception
    why = _("There were more tries to sign in from your address within a minute than this server allows.")
    response = _page(request, 429, _("Too many tries"), why, _("Wait a minute, then sign in again."))
    response["Retry-After"] = "60"
    return response


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer for a form without the token of this session: too old, or sent by a foreign page."""
    del reason
    why = _("The page you sent was opened in another session, or a foreign page tried to act in your name.")
    return _page(
        request, 403, _("Nothing was changed"), why, _("Go back, load the page again, and repeat what you did.")
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer when our own code failed, whose number leads to the log, or when the database does not answer."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _database_away(request)
    number = request_number()
    _log.exception("page failed", extra={"fields": {"path": request.path}})
    if request.path.startswith("/api/"):  # clients of the API refuse what is no JSON
        return JsonResponse({"detail": f"The server ran into an error of its own, number {number}."}, status=500)
    why = _("The server ran into an error of its own. Nothing you entered was changed by it; reports are not affected.")
    return _page(
        request, 500, _("This page failed"), why, _("Try again; if it stays so, tell whoever runs this server."), number
    )


def _database_away(request: HttpRequest) -> HttpResponse:
    """Answer without the database: it is away, or has no room."""
    _log.warning("the database does not answer", extra={"fields": {"path": request.path}})
    why = _("The database of this server does not answer at the moment. Reports are accepted all the same and kept.")
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": why}, status=503)
    else:
        way_out = _("Load this page again in a minute; if it stays so, tell whoever runs this server.")
        facts = {"what": _("The pages have to wait"), "why": why, "way_out": way_out}
        response = HttpResponse(render_to_string("triage/error.html", facts), status=503)
    response["Retry-After"] = "60"
    return response
