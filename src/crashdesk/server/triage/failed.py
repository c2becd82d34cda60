"""The page of reports that were accepted and could not be processed, and trying them again."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crashdesk.errors import StorageError
from crashdesk.protocol.outcomes import describe
from crashdesk.server.events import queries as events
from crashdesk.server.triage import access, paging

MOST_AT_ONCE = 200  # a page must answer in seconds; the command has no such bound


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List failed reports of the projects that this person may see, newest first."""
    visible = access.projects(request)
    found = events.failed_reports(visible.keys(), before=paging.before(request), limit=paging.SIZE + 1)
    rows = [
        {
            "id": row.id,
            "received_at": row.received_at,
            "project": visible[row.project_id],
            "reason": row.reason,
            "why": describe(row.reason.partition(":")[0]),
            "tries": row.tries,
            "envelope": row.envelope_id.hex if row.envelope_id else "",
            "address": reverse("failed_raw", args=[visible[row.project_id].slug, row.id]),
            "may_try": access.may(request, "event:write", row.project_id),
        }
        for row in found[: paging.SIZE]
    ]
    return render(request, "triage/failed.html", {"rows": rows, "next_cursor": paging.next_cursor(found)})


@require_POST
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """Try one report of a project again, or those that failed for the same reason."""
    from crashdesk.server.processor import reprocessing  # the rules are loaded when somebody needs them here

    project = access.project(request, slug)
    access.must(request, "event:write", project)
    chosen = events.failed_like([project.id], _number(request), limit=MOST_AT_ONCE, is_alone=_is_alone(request))
    try:
        result = reprocessing.reprocess(reprocessing.Selection([project.id], report_ids=chosen))
        messages.info(request, _said(result.stored, result.failed))
    except (OperationalError, StorageError):
        messages.error(request, _("Nothing can be stored at the moment: the reports stay here, try again later."))
    return HttpResponseRedirect(reverse("failed"))


def _number(request: HttpRequest) -> int:
    number = request.POST.get("report", "")
    if not number.isascii() or not number.isdigit() or len(number) > 19:
        raise BadRequest
    return int(number)


def _is_alone(request: HttpRequest) -> bool:
    return request.POST.get("which") != "same"


def _said(stored: int, failed: int) -> str:
    if not stored and failed:
        return ngettext(
            "%(count)d report failed again. It stays here, with what it failed on this time.",
            "%(count)d reports failed again. They stay here, with what they failed on this time.",
            failed,
        ) % {"count": failed}
    done = ngettext("%(count)d report is processed now.", "%(count)d reports are processed now.", stored)
    left = ngettext("%(count)d failed again.", "%(count)d failed again.", failed)
    return f"{done % {'count': stored}} {left % {'count': failed} if failed else ''}".strip()
