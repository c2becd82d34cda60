"""Starts sentry-sdk, late: with our transport, integrations of our own choosing, and nothing enabled by itself.

The host may use sentry-sdk too, before or after us. Without a client of its own, its calls go through ours. With one,
that client keeps its options and its DSN, and only its way out becomes our outbox, unless it brought a transport of its
own.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

from crashdesk.protocol.envelope import Item
from crashdesk.sdk import guard
from crashdesk.sdk.hooks import caught
from crashdesk.sdk.imports import without
from crashdesk.sdk.losses import Losses
from crashdesk.sdk.options import Options

Event = dict[str, Any]
BeforeSend = Callable[[Event, dict[str, Any]], Event | None]
KeepEnvelope = Callable[[list[Item], str | None], None]

VALUE_CHARACTERS = 8192
INTEGRATIONS: tuple[Any, ...] = ()
"""None of sentry-sdk's: our hooks see more, and each of its integrations changes something of the host."""


class SentryClient:
    """Our client of sentry-sdk; not imported before `start`."""

    def __init__(self, options: Options, before_send: BeforeSend, keep: KeepEnvelope, losses: Losses) -> None:
        self._options = options
        self._losses = losses
        self._before_send = before_send
        self._keep = keep
        self._client: Any = None
        self._original_make_transport: Any = None
        self._lock = threading.RLock()
        self._ours = threading.local()

    @property
    def is_started(self) -> bool:
        return self._client is not None

    def start(self) -> None:
        """Import sentry-sdk and make our client; again is harmless. Raises what the import raises."""
        with self._lock:
            if self._client is not None:
                return
            with without("django"):  # sentry-sdk imports it for a tool of its own wherever it is installed
                import sentry_sdk
            from sentry_sdk.scope import add_global_event_processor

            from crashdesk.sdk.transport import OutboxTransport

            self._client = sentry_sdk.Client(**self._client_options(OutboxTransport))
            self._route_other_clients(OutboxTransport)
            add_global_event_processor(cast("Any", self._once))
            if not sentry_sdk.get_client().is_active():
                sentry_sdk.get_global_scope().set_client(self._client)

    def capture(self, event: Event, error: BaseException | None, trace: TracebackType | None) -> str | None:
        """Capture an event (of an exception, when there is one) through our client; return its id."""
        self.start()
        import sentry_sdk
        from sentry_sdk.utils import event_from_exception

        hint: dict[str, Any] = {}
        if error is not None:
            described, hint = event_from_exception(
                (type(error), error, trace), client_options=self._client.options, mechanism=event.pop("mechanism", None)
            )
            event = {**described, **event}
        self._ours.now = True
        try:
            with sentry_sdk.new_scope() as scope:
                scope.set_client(self._client)
                return scope.capture_event(cast("Any", event), hint)
        finally:
            self._ours.now = False

    def flush(self, seconds: float) -> None:
        if self._client is not None:
            self._client.flush(timeout=seconds)

    def after_fork(self) -> None:
        """In a child: the thread that may hold the lock is not here."""
        self._lock = threading.RLock()

    def close(self) -> None:
        """End our client and give sentry-sdk back as it was."""
        with self._lock:
            if self._client is None:
                return
            import sentry_sdk

            self.flush(1.0)
            if self._original_make_transport is not None:
                _client_module().make_transport = self._original_make_transport
            if sentry_sdk.get_client() is self._client:
                sentry_sdk.get_global_scope().set_client(None)
            self._client = None

    def _client_options(self, transport: Any) -> dict[str, Any]:
        dsn = str(self._options.dsn)
        return {
            "dsn": dsn,
            "transport": transport(self._keep, self._losses, dsn),
            "release": self._options.release,
            "environment": self._options.environment,
            "before_send": self._before_send,
            "integrations": list(INTEGRATIONS),
            "default_integrations": False,
            "auto_enabling_integrations": False,
            "auto_session_tracking": False,
            "include_local_variables": False,
            "in_app_include": list(self._options.in_app_include),
            "server_name": "",
            "max_value_length": VALUE_CHARACTERS,
            "max_breadcrumbs": self._options.max_breadcrumbs,
            "enable_backpressure_handling": False,
            "send_client_reports": False,
            "propagate_traces": False,
            "spotlight": False,
            "debug": False,
        }

    def _route_other_clients(self, transport: Any) -> None:
        """Clients that the host makes get our outbox as their way out, now and later."""
        import sentry_sdk
        from sentry_sdk.transport import HttpTransportCore

        module = _client_module()
        original = self._original_make_transport = module.make_transport

        def make_transport(options: dict[str, Any]) -> Any:
            if options.get("transport") is not None or self._client is None:
                return original(options)
            return transport(self._keep, self._losses, options.get("dsn"))

        module.make_transport = make_transport
        theirs = sentry_sdk.get_client()
        if isinstance(theirs.transport, HttpTransportCore):
            earlier, theirs.transport = theirs.transport, transport(self._keep, self._losses, theirs.dsn)
            with guard.inside("ending a transport"):
                earlier.kill()

    def _once(self, event: Event, hint: dict[str, Any]) -> Event | None:
        """See every event of every client: an exception that both of us catch becomes one report."""
        error = (hint.get("exc_info") or (None, None, None))[1]
        if error is None or getattr(self._ours, "now", False) or not self._goes_our_way():
            return event
        if caught.reported_as(error) is not None:
            return None
        caught.mark(error, str(event.get("event_id") or ""))
        return event

    def _goes_our_way(self) -> bool:
        import sentry_sdk

        from crashdesk.sdk.transport import OutboxTransport

        return isinstance(sentry_sdk.get_client().transport, OutboxTransport)


def _client_module() -> Any:
    """Return the module whose name for the maker of transports every new client asks; no public place has it."""
    import sentry_sdk.client

    return sentry_sdk.client
