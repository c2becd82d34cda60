"""The web process: Django's WSGI application on the socket that the collector forwards to.

Only requests with this start's secret get in, so what the collector says about the sender can be believed.
"""

import hmac
import signal
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from crashdesk import logs
from crashdesk.server import proxy_secret
from crashdesk.server.boot import start_django
from crashdesk.server.collector.limits import limit
from crashdesk.server.installation import Installation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 4
MAX_CONNECTIONS = 4000  # the collector has fewer: strangers who read slowly must not use them up
MAX_WAITING_BYTES = 256 * 1024 * 1024  # of one answer, in a file: a reader who is slow must not hold a thread

log = logs.logger("web")


def serve(server: Installation, listen: int, ready: Callable[[], None]) -> int:
    """Answer on the inherited socket until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    start_django(server.data)
    import waitress
    from django.core.wsgi import get_wsgi_application

    application = FromCollectorOnly(get_wsgi_application(), proxy_secret.read())
    ready()
    waitress.serve(
        application,
        sockets=[socket.socket(fileno=listen)],
        threads=THREADS,
        ident=None,
        max_request_body_size=int(limit("upload_body_bytes")),  # the collector allows less where it is less
        connection_limit=MAX_CONNECTIONS,
        outbuf_high_watermark=MAX_WAITING_BYTES,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # they are the collector's own
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


def _leave(_number: int, _frame: Any) -> NoReturn:
    raise SystemExit(0)
