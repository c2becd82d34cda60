"""Sends one envelope over HTTP: the only user of requests. Certificates always verified, no redirect followed."""

import gzip
import http.cookiejar
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import requests
import requests.adapters
import truststore
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from crashdesk import __version__
from crashdesk.agent.answers import Answer
from crashdesk.errors import DeliveryError
from crashdesk.protocol.dsn import Dsn

CLIENT = f"crashdesk.agent/{__version__}"
MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one delivery may take: to connect, between two reads, and altogether."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 90.0


class HttpSender:
    """Delivers envelopes one at a time; `abort` from another thread ends a delivery under way."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._line = _Line()
        self._session = _session(self._line)

    def send(self, dsn: str, body: bytes) -> Answer:
        """Post an envelope and return the answer, whatever it is; raises DeliveryError when there was none."""
        target = Dsn.parse(dsn)
        with self._line.limited(self._limits.total_seconds):
            try:
                answer = self._post(target, body)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise DeliveryError(self._why(error, target)) from error
            if self._line.was_cut:  # what a cut connection had said so far passes for an answer
                raise DeliveryError(self._why(None, target))
            return answer

    def abort(self) -> None:
        """End the delivery under way, and refuse further ones: the agent is about to end."""
        self._line.cut(for_good=True)

    def _post(self, target: Dsn, body: bytes) -> Answer:
        response = self._session.post(
            target.envelope_url,
            data=gzip.compress(body, 6),
            headers={
                "Content-Type": "application/x-sentry-envelope",
                "Content-Encoding": "gzip",
                "X-Sentry-Auth": target.auth_header(CLIENT),
            },
            timeout=(self._limits.connect_seconds, self._limits.read_seconds),
            proxies={"no_proxy": target.host} if _is_this_machine(target.host) else None,
            allow_redirects=False,
            stream=True,  # an answer may be endless: only its beginning is read
        )
        with response:
            text = response.raw.read(MAX_ANSWER_BYTES, decode_content=True)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, _json(text), headers)

    def _why(self, error: Exception | None, target: Dsn) -> str:
        """Say in one sentence what stood in the way; the library's own texts hold addresses and object names."""
        if self._line.is_closed:
            return "The agent ended while it was sending."
        if self._line.was_cut:
            return f"{target.host} took longer than {self._limits.total_seconds:.0f} s for one report."
        for kind, text in _REASONS:
            if isinstance(error, kind):
                return text.format(host=target.host)
        return f"{target.host} could not be reached or broke off."


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "The certificate of {host} could not be verified; nothing was sent."),
    (requests.exceptions.ProxyError, "The proxy of this network could not be reached."),
    (requests.exceptions.ConnectTimeout, "{host} did not answer in time."),
    (requests.exceptions.ReadTimeout, "{host} took the report and then said nothing."),
)


class _Line:
    """The socket in use, so that another thread can shut it: no time-out of requests bounds a whole exchange."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_closed = False
        self.was_cut = False

    def opened(self, connected: socket.socket) -> None:
        with self._guard:
            if self._socket is not None:
                self._socket.close()
            self._socket = connected.dup()  # TLS takes the original over; a duplicate reaches the same connection
            if self.is_closed or self.was_cut:
                self._shut()

    def cut(self, *, for_good: bool = False) -> None:
        with self._guard:
            self.was_cut = True
            self.is_closed = self.is_closed or for_good
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the block takes longer than `seconds`."""
        self.was_cut = self.is_closed
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._guard:
                if self._socket is not None:
                    self._socket.close()
                self._socket = None


class _Adapter(requests.adapters.HTTPAdapter):
    """Trusts what the system trusts, and tells `line` about each connection."""

    def __init__(self, line: _Line) -> None:
        self._pools = _pool_classes(line)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_system_trust(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, ssl_context=_system_trust(), **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        """Leave the system's certificates alone; a bundle that the environment names comes on top of them."""
        if verify is True:
            conn.cert_reqs = "CERT_REQUIRED"
        else:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]


def _pool_classes(line: _Line) -> dict[str, type[HTTPConnectionPool]]:
    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            line.opened(connected)
            return connected

    class SecureConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            line.opened(connected)
            return connected

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": PlainPool, "https": SecurePool}


def _system_trust() -> ssl.SSLContext:
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _session(line: _Line) -> requests.Session:
    session = requests.Session()
    session.mount("http://", _Adapter(line))
    session.mount("https://", _Adapter(line))
    session.headers = {"User-Agent": CLIENT, "Accept": "application/json", "Connection": "close"}
    session.auth = lambda request: request  # else a password from ~/.netrc would be added
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return session


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
