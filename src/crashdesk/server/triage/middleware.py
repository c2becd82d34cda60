"""What every answer gets, whoever wrote its page: a number for the log, hostile characters made visible, no copies."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from crashdesk import logs

# Control characters, and those that turn the reading direction: they could make a page say what it does not.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def shown(text: str) -> str:
    r"""Return `text` with its control and direction characters written out, such as ``\u202e``."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def request_numbered(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that gives each request a number: in every log record about it, and in the answer's X-Request-ID."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(8)
        with logs.of_request(number):
            response = get_response(request)
        response["X-Request-ID"] = number
        return response

    return middleware


def hostile_text_shown(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware over all HTML answers; a template cannot forget it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            response.content = shown(response.content.decode()).encode()
            response["Content-Length"] = str(len(response.content))
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware
