"""The collector process: its ASGI callable on the socket that the supervisor bound."""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from crashdesk import logs, settings
from crashdesk.server import proxy_secret
from crashdesk.server.collector import http
from crashdesk.server.collector.app import Collector, Surroundings
from crashdesk.server.collector.measuring import gather
from crashdesk.server.collector.proxy import NoPages, WebProxy
from crashdesk.server.collector.refusals import Refusals
from crashdesk.server.installation import Installation
from crashdesk.server.receiving import receiving

log = logs.logger("collector")


def serve(server: Installation, listen: int, work: int, web_port: int, ready: Callable[[], None]) -> int:
    """Answer on the inherited socket until SIGTERM."""
    threading.excepthook = _end_with_thread
    refusals = Refusals()
    with receiving(server, lambda: _wake(work), refusals) as found:
        around = Surroundings(
            data=server.data,
            find_key=found.keys.find,
            committer=found.committer,
            web=WebProxy(web_port, proxy_secret.read()) if web_port else NoPages(),
            has_quotas=settings.value("quotas"),
            trusts_forwarded=settings.value("trust_forwarded"),
            is_database_away=lambda: found.keys.is_database_away,
            refusals=refusals,
            measure=partial(gather, server),
            metrics_token=settings.value("metrics_token"),
        )
        around.admission.remember(server.data)
        program = http.Program(http.configured(Collector(around)), ready, lambda: around.admission.keep(server.data))
        program.run(sockets=[socket.socket(fileno=listen)])
        around.admission.keep(server.data)
    return 0


def _wake(work: int) -> None:
    """Tell the processor that there is work; a full pipe has told it already, and one without readers tells nobody."""
    with suppress(BlockingIOError, BrokenPipeError):
        os.write(work, b".")


def _end_with_thread(failure: threading.ExceptHookArgs) -> None:
    """End the process when a thread of it fails: without commits it would take reports and never answer.

    The supervisor starts it again, and who waited for an answer sends again.
    """
    log.critical("a thread of the collector failed", exc_info=failure.exc_value)
    os._exit(1)
