"""What lies below ``/api/0/`` and does not exist: answered as JSON, because clients refuse anything else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from crashdesk.server.api.answers import refusal


@csrf_exempt
@login_not_required
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    del request, rest
    return refusal(404, "This server has no such endpoint.")
