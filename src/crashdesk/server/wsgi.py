"""The web process: Django's WSGI application, behind the collector or, without one on this machine, in public.

Behind the collector only requests with this start's secret get in, so what it says about the sender can be believed.
"""

import hmac
import json
import re
import signal
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from crashdesk import logs, settings
from crashdesk.server import proxy_secret
from crashdesk.server.boot import start_django
from crashdesk.server.collector.forwarded import Sender, Trust, sender_of
from crashdesk.server.collector.limits import limit
from crashdesk.server.installation import Installation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 4
MAX_CONNECTIONS = 4000  # the collector has fewer: strangers who read slowly must not use them up
MAX_WAITING_BYTES = 256 * 1024 * 1024  # of one answer, in a file: a reader who is slow must not hold a thread

_REPORT = re.compile(r"/api/[0-9]+/(envelope|store|minidump|security|unreal|csp-report)|/tunnel")
_FOR_PAGES = "This address serves pages and API only: send reports to the collector of this server."
_FORWARDED = {
    b"x-forwarded-for": "HTTP_X_FORWARDED_FOR",
    b"x-forwarded-proto": "HTTP_X_FORWARDED_PROTO",
    b"x-forwarded-host": "HTTP_X_FORWARDED_HOST",
}

log = logs.logger("web")


def serve(server: Installation, listen: int, ready: Callable[[], None], *, is_public: bool = False) -> int:
    """Answer on the inherited socket until SIGTERM; `is_public` when strangers reach it without the collector."""
    signal.signal(signal.SIGTERM, _leave)
    start_django(server.data)
    import waitress
    from django.core.wsgi import get_wsgi_application

    django = get_wsgi_application()
    trust = settings.value("trust_forwarded")
    application = InPublic(django, trust) if is_public else FromCollectorOnly(django, proxy_secret.read())
    ready()
    waitress.serve(
        application,
        sockets=[socket.socket(fileno=listen)],
        threads=THREADS,
        ident=None,
        max_request_body_size=int(limit("upload_body_bytes")),  # the collector allows less where it is less
        connection_limit=int(limit("connections")) if is_public else MAX_CONNECTIONS,
        outbuf_high_watermark=MAX_WAITING_BYTES,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # they are the collector's own, or read as the setting says
        _quiet=True,
    )
    return 0


class FromCollectorOnly:
    """Refuses what does not come from the collector; takes sender and scheme from what the collector says."""

    def __init__(self, application: "WSGIApplication", secret: str) -> None:
        self._application = application
        self._secret = secret

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._secret or not hmac.compare_digest(str(environ.pop(proxy_secret.WSGI_NAME, "")), self._secret):
            start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"This port is for the collector of this server only.\n"]
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["wsgi.url_scheme"] = environ.get("HTTP_X_FORWARDED_PROTO", "http")
        return self._application(environ, start_response)


class InPublic:
    """Answers strangers: believes proxies as far as the setting says, and tells who looks for the collector."""

    def __init__(self, application: "WSGIApplication", trust: Trust) -> None:
        self._application = application
        self._trust = trust

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "")).rstrip("/")
        if path in {"/health/live", "/health/ready"}:
            return _json(start_response, "200 OK", {"status": "ok"})
        if _REPORT.fullmatch(path):
            return _json(start_response, "404 Not Found", {"detail": _FOR_PAGES})
        self._believe(environ)
        return self._application(environ, start_response)

    def _believe(self, environ: "WSGIEnvironment") -> None:
        """Let Django see the sender, scheme and host that are believed, and nothing else that a stranger wrote."""
        said = {name: str(environ.pop(key, "")).encode("latin-1") for name, key in _FORWARDED.items()}
        peer = Sender(str(environ.get("REMOTE_ADDR", "")), str(environ["wsgi.url_scheme"]))
        sender = sender_of(peer, {name: text for name, text in said.items() if text}, self._trust)
        environ["REMOTE_ADDR"] = environ["HTTP_X_FORWARDED_FOR"] = sender.address
        environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"] = sender.scheme
        environ.pop("HTTP_FORWARDED", None)
        environ.pop(proxy_secret.WSGI_NAME, None)
        if sender.host:
            environ["HTTP_HOST"] = sender.host.decode("latin-1")


def _json(start_response: "StartResponse", status: str, answer: dict[str, str]) -> Iterable[bytes]:
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _leave(_number: int, _frame: Any) -> NoReturn:
    raise SystemExit(0)
