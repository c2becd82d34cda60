"""A small real HTTP server that takes envelopes and misbehaves on demand, for everything that sends."""

import gzip
import json
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it arrived, its body unpacked."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def envelope_headers(self) -> dict[str, Any]:
        return json.loads(self.body.partition(b"\n")[0])

    @property
    def event_id(self) -> str:
        return self.envelope_headers["event_id"]


@dataclass
class Collector:
    """What the test sees: the requests so far, and the behaviours for the next ones (then `usual` again)."""

    port: int
    usual: "Behaviour"
    received: list[Received] = field(default_factory=list)
    next_ones: "list[Behaviour]" = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return f"http://publickey@127.0.0.1:{self.port}/7"

    @property
    def event_ids(self) -> list[str]:
        return [received.event_id for received in self.received]


class Handler(BaseHTTPRequestHandler):
    """Reads one request and lets a behaviour answer it."""

    collector: Collector
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.collector.lock:
            self.collector.received.append(request)
            behaviour = self.collector.next_ones.pop(0) if self.collector.next_ones else self.collector.usual
        behaviour(self, request)

    def do_GET(self) -> None:
        self.do_POST()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Tests read no access log."""


Behaviour = Callable[[Handler, Received], None]


def accept(handler: Handler, request: Received) -> None:
    """Answer as the real collector does."""
    handler.answer(200, json.dumps({"id": request.event_id}).encode(), Content_Type="application/json")


def status(code: int, body: bytes = b"{}", **headers: str) -> Behaviour:
    return lambda handler, _request: handler.answer(code, body, **headers)


def sign_in_page(handler: Handler, _request: Received) -> None:
    """Answer 200 as a captive portal does."""
    handler.answer(200, b"<html><h1>Welcome to the hotel</h1></html>", Content_Type="text/html")


def other_id(handler: Handler, _request: Received) -> None:
    handler.answer(200, json.dumps({"id": "f" * 32}).encode())


def reset(handler: Handler, _request: Received) -> None:
    """Break the connection with RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def half_answer(handler: Handler, _request: Received) -> None:
    """Promise more than comes."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id"')
    handler.close_connection = True


def broken_framing(handler: Handler, _request: Received) -> None:
    handler.wfile.write(b"this is not HTTP\r\n\r\n")
    handler.close_connection = True


def silence(handler: Handler, _request: Received) -> None:
    """Take the report and say nothing until the test lets go."""
    handler.collector.released.wait(30)
    handler.close_connection = True


def trickle(handler: Handler, _request: Received) -> None:
    """Send a header byte by byte, faster than a read time-out and slower than a person's patience."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.collector.released.wait(0.05):
        try:
            handler.wfile.write(b"x")
        except OSError:
            break
    handler.close_connection = True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_args: Any) -> None:
        """A client that leaves in the middle is what these tests are about."""


@dataclass(frozen=True)
class Authority:
    """A certificate that signs itself, and the server side that shows it."""

    certificate: Path
    context: ssl.SSLContext


def certificate_for(host: str, directory: Path) -> Authority:
    certificate, key = directory / "cert.pem", directory / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}"]
    subprocess.run(
        [*request, "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return Authority(certificate, context)


@contextmanager
def running_collector(
    *behaviours: Behaviour, usual: Behaviour = accept, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Collector]:
    """Run a collector that shows `behaviours` one after the other and `usual` from then on."""
    handler = type("BoundHandler", (Handler,), {})
    with _Server(("127.0.0.1", port), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        collector = Collector(server.server_address[1], usual, next_ones=list(behaviours))
        handler.collector = collector
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            collector.released.set()
            server.shutdown()
            thread.join(5)


def unused_port() -> int:
    """Return a port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
