"""HTTP as strangers speak it: slow, endless and broken requests end by themselves and delay nobody else."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crashdesk.server import asgi
from crashdesk.server.collector import limits
from crashdesk.server.collector.limits import Limit

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def hello(_scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """Run the collector's own HTTP settings around a small application."""
    ready = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    program = asgi.Program(asgi._config(hello), ready.set)
    thread = threading.Thread(target=program.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(20)
    yield listener.getsockname()
    program.should_exit = True
    thread.join()
    listener.close()


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=20) as connection:
        yield connection


def answer(connection: socket.socket) -> bytes:
    """Return all bytes until the server closes the connection, however it does."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def with_limit(monkeypatch, name: str, value: float) -> None:
    monkeypatch.setitem(limits.LIMITS, name, Limit(value, "", ""))


def test_a_request_is_answered_without_naming_the_server_program(address):
    with connected(address) as connection:
        connection.sendall(REQUEST + b"Connection: close\r\n\r\n")
        received = answer(connection)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nserver:" not in received.lower()


def test_several_requests_share_a_connection_also_sent_at_once(address):
    with connected(address) as connection:
        connection.sendall((REQUEST + b"\r\n") * 2 + REQUEST + b"Connection: close\r\n\r\n")
        assert answer(connection).count(b"hello") == 3


def test_headers_that_do_not_end_in_time_close_the_connection(address, monkeypatch):
    with_limit(monkeypatch, "header_seconds", 0.2)
    with connected(address) as connection:
        connection.sendall(REQUEST)
        assert answer(connection) == b""


def test_a_connection_that_says_nothing_is_closed_in_time(address, monkeypatch):
    with_limit(monkeypatch, "header_seconds", 0.2)
    with connected(address) as connection:
        assert answer(connection) == b""


def test_slow_headers_of_a_second_request_close_the_connection_too(address, monkeypatch):
    with_limit(monkeypatch, "header_seconds", 0.2)
    with connected(address) as connection:
        connection.sendall(REQUEST + b"\r\n")
        assert connection.recv(1000)
        connection.sendall(REQUEST)
        assert b"HTTP" not in answer(connection)


def test_endless_headers_are_cut_off(address):
    with connected(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):  # reset or broken pipe, whichever comes first
            connection.sendall(b"X-Header: " + b"y" * 100_000_000)


@pytest.mark.parametrize(
    "rubbish",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
     b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
     b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"],
)  # fmt: skip
def test_broken_framing_is_400_or_a_closed_connection(address, rubbish):
    with connected(address) as connection:
        connection.sendall(rubbish)
        received = answer(connection)
    assert received == b"" or received.startswith(b"HTTP/1.1 400")


def test_more_connections_than_allowed_are_closed_and_the_others_served(address, monkeypatch):
    with_limit(monkeypatch, "connections", 3)
    with connected(address) as first, connected(address), connected(address):
        first.sendall(REQUEST + b"\r\n")
        assert first.recv(1000)
        with connected(address) as surplus:
            assert answer(surplus) == b""
        first.sendall(REQUEST + b"Connection: close\r\n\r\n")
        assert b"hello" in answer(first)


def test_many_stuck_connections_do_not_delay_another(address):
    stuck = [socket.create_connection(address) for _ in range(200)]
    for connection in stuck:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    with connected(address) as connection:
        connection.settimeout(2)
        connection.sendall(REQUEST + b"Connection: close\r\n\r\n")
        assert b"hello" in answer(connection)
    for connection in stuck:
        connection.close()
