"""The inbox of users' words."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crashdesk.server.feedback import queries, services
from crashdesk.server.triage import access, addresses, paging, said

SIZE = 25


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List feedback of the projects that this person may see, newest first."""
    show = "all" if request.GET.get("show") == "all" else "unread"
    found = queries.inbox(
        access.projects(request).keys(),
        only_unread=show == "unread",
        before=paging.before(request),
        limit=SIZE + 1,
    )
    facts = {"show": show, "words": said.shown(request, found[:SIZE]), "next_cursor": paging.next_cursor(found, SIZE)}
    return render(request, "triage/feedback.html", facts)


@require_POST
def mark(request: HttpRequest, slug: str, feedback_id: int) -> HttpResponse:
    """Mark one piece of feedback as read or unread."""
    project = access.project(request, slug)
    access.must(request, "event:write", project)
    if not services.mark_read([project.id], [feedback_id], is_read=request.POST.get("is_read") != "no"):
        raise Http404
    return HttpResponseRedirect(addresses.back(request, reverse("feedback")))
