"""HTTP as strangers speak it: slow, endless and broken requests end by themselves and delay nobody else."""

import asyncio
import base64
import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crashdesk.server.collector import app, http, limits
from crashdesk.server.collector.limits import Limit
from crashdesk.server.intake.reading import framing_of
from support.intakes import EVENT_ID, envelope_bytes

released = threading.Event()
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def hello(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/wait":
        await asyncio.to_thread(released.wait, 20)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """Run the collector's own HTTP settings around a small application."""
    with served(hello) as found:
        yield found


@contextmanager
def served(application) -> Iterator[tuple[str, int]]:
    """Run the collector's own HTTP settings around an application."""
    ready = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    program = http.Program(http.configured(application), ready.set)
    thread = threading.Thread(target=program.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(20)
        yield listener.getsockname()
    finally:
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


def test_large_headers_are_refused_also_when_they_come_at_once(address):
    with connected(address) as connection:
        connection.sendall(REQUEST + b"X-Header: " + b"y" * 100_000 + b"\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 400")


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "endless", [b"0\r\n" + b"a: b\r\n" * 1_000_000, b"0\r\na: " + b"b" * 9_000_000, b"5;" + b"x" * 9_000_000]
)
def test_endless_trailers_and_chunk_extensions_are_cut_off(address, endless):
    with connected(address) as connection:
        try:
            connection.sendall(CHUNKED + endless)
        except OSError:
            return  # reset or broken pipe, whichever comes first
        received = answer(connection)
    assert received == b"" or received.startswith(b"HTTP/1.1 400")


def test_trailers_are_read_and_forgotten(address):
    with connected(address) as connection:
        connection.sendall(CHUNKED + b"2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n" + REQUEST + b"Connection: close\r\n\r\n")
        assert answer(connection).count(b"hello") == 2


@pytest.mark.parametrize("owed", [b"", REQUEST, b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf"])
def test_stuck_connections_make_room_for_a_new_one_the_longest_stuck_first(address, monkeypatch, owed):
    with_limit(monkeypatch, "connections", 3)
    with connected(address) as first, connected(address) as second, connected(address):
        first.sendall(owed)
        second.sendall(owed)
        with connected(address) as new:
            new.sendall(REQUEST + b"Connection: close\r\n\r\n")
            assert b"hello" in answer(new)
        assert answer(first) == b""


def test_idle_connections_make_room_for_a_new_one(address, monkeypatch):
    with_limit(monkeypatch, "connections", 1)
    with connected(address) as idle:
        idle.sendall(REQUEST + b"\r\n")
        assert idle.recv(1000)
        with connected(address) as new:
            new.sendall(REQUEST + b"Connection: close\r\n\r\n")
            assert b"hello" in answer(new)


def test_while_all_connections_are_at_work_a_new_one_is_closed(address, monkeypatch):
    with_limit(monkeypatch, "connections", 1)
    released.clear()
    with connected(address) as first:
        first.sendall(b"POST /wait HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        assert first.recv(1000).startswith(b"HTTP/1.1 100")
        first.sendall(b"ab")
        with connected(address) as surplus:
            assert answer(surplus) == b""
        released.set()
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


@pytest.fixture
def collector(world) -> Iterator[tuple[str, int]]:
    with served(world.collector) as found:
        yield found


BODY = envelope_bytes()


def post(world, body: bytes = BODY, *more: str, path: str = "/api/1/envelope/") -> bytes:
    """Return a request for a report as an SDK writes it."""
    length = f"Content-Length: {len(body)}"
    lines = [f"POST {path} HTTP/1.1", "Host: x", world.auth_line, length, *more, "", ""]
    return "\r\n".join(lines).encode() + body


def test_small_reports_on_one_connection_are_answered_in_their_order(world, collector):
    ids = [f"{number:032x}" for number in range(20)]
    with connected(collector) as connection:
        connection.sendall(b"".join(post(world, envelope_bytes(event_id)) for event_id in ids[:-1]))
        connection.sendall(post(world, envelope_bytes(ids[-1]), "Connection: close"))
        received = answer(connection)
    assert [part[:32].decode() for part in received.split(b'{"id":"')[1:]] == ids
    assert sorted(row.envelope_id for row in world.stored()) == ids


def test_a_page_between_two_reports_keeps_its_place(world, collector):
    with connected(collector) as connection:
        connection.sendall(
            post(world) + b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" + post(world, BODY, "Connection: close")
        )
        received = answer(connection)
    assert [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"200"] * 3
    assert received.index(b'"id"') < received.index(b'"status"') < received.rindex(b'"id"')


def test_a_report_that_comes_byte_by_byte_is_taken(world, collector):
    with connected(collector) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in post(world, BODY, "Connection: close"):
            connection.sendall(bytes([byte]))
        assert b'"id"' in answer(connection)
    assert world.stored()[0].body == BODY


def test_a_chunked_report_is_taken_also_when_it_grows_large(world, collector):
    large = BODY + b'{"type":"attachment","length":400000}\n' + b"x" * 400_000
    for body in (BODY, large):
        chunks = [body[start : start + 30_000] for start in range(0, len(body), 30_000)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
        head = f"POST {world.path} HTTP/1.1\r\nHost: x\r\n{world.auth_line}\r\nTransfer-Encoding: chunked\r\n"
        with connected(collector) as connection:
            connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + framed)
            assert b'"id"' in answer(connection)
    assert [len(row.body) for row in world.stored()] == [len(BODY), 0]


def test_a_small_report_that_stops_coming_is_given_up_like_a_large_one(world, collector, monkeypatch):
    with_limit(monkeypatch, "header_seconds", 0.1)
    with_limit(monkeypatch, "body_seconds", 0.1)
    with_limit(monkeypatch, "drained_seconds", 0.1)
    with connected(collector) as connection:
        connection.sendall(post(world)[:-5])
        assert answer(connection).startswith(b"HTTP/1.1 408 ")
    assert world.stored() == []


def test_a_sender_that_leaves_in_the_middle_of_a_small_report_leaves_nothing(world, collector):
    with connected(collector) as connection:
        connection.sendall(post(world)[:-5])
    with connected(collector) as connection:
        connection.sendall(post(world, BODY, "Connection: close"))
        assert b'"id"' in answer(connection)
    assert len(world.stored()) == 1


def without_date(received: bytes) -> list[bytes]:
    head, _, body = received.partition(b"\r\n\r\n")
    return [*sorted(line for line in head.split(b"\r\n") if not line.startswith(b"date")), body]


@pytest.mark.parametrize(
    ("path", "body", "more"),
    [
        ("/api/1/envelope/", BODY, ()),
        ("/api/1/envelope", envelope_bytes(None), ()),
        ("/api/1/store/", b'{"event_id":"%s"}' % EVENT_ID.encode(), ()),
        ("/api/1/security/", b'{"csp-report":{}}', ()),
        ("/api/1/envelope/?x=1", BODY, ("Content-Encoding: gzip",)),
        ("/api/1/envelope/", BODY, ("Content-Encoding: lzma",)),
        ("/api/1/envelope/", b"rubbish", ()),
        ("/api/2/envelope/", BODY, ()),
        ("/api/1/envelope/?sentry_key=other", BODY, ()),
    ],
)
def test_the_short_way_answers_what_the_long_way_answers(world, collector, path, body, more):
    request = post(world, body, *more, "Connection: close", path=path)
    expecting = post(world, body, *more, "Expect: 100-continue", "Connection: close", path=path)
    received = []
    for sent in (request, expecting):
        with connected(collector) as connection:
            connection.sendall(sent)
            received.append(answer(connection).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"))
    assert without_date(received[0]) == without_date(received[1])


def test_an_idle_connection_is_closed_after_a_while(world, collector, monkeypatch):
    monkeypatch.setattr(http, "KEEP_ALIVE_SECONDS", 0.1)
    with connected(collector) as connection:
        connection.sendall(post(world))
        assert answer(connection).endswith(b"}")


def test_who_speaks_http_1_0_is_answered_and_let_go(world, collector):
    with connected(collector) as connection:
        connection.sendall(post(world).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert b'"id"' in answer(connection)


def event_of(size: int) -> bytes:
    return b'{"event_id":"%s","message":"%s"}' % (EVENT_ID.encode(), b"x" * size)


@pytest.mark.parametrize(
    ("path", "body", "encoding"),
    [
        ("/api/1/store/", gzip.compress(event_of(4_000_000)), "gzip"),
        ("/api/1/store/", base64.b64encode(zlib.compress(event_of(4_000_000))), ""),
        ("/api/1/envelope/", gzip.compress(BODY + b'{"type":"event"}\n' + event_of(4_000_000)), "gzip"),
    ],
)
def test_a_small_report_that_unpacks_to_a_large_one_is_checked_beside_the_loop(
    world, collector, path, body, encoding, monkeypatch
):
    threads = []

    def noted(*given):
        threads.append(threading.current_thread().name)
        return framing_of(*given)

    monkeypatch.setattr(app, "framing_of", noted)
    with connected(collector) as connection:
        connection.sendall(post(world, body, f"Content-Encoding: {encoding}", "Connection: close", path=path))
        assert b'"id"' in answer(connection)
    assert [name.startswith(("asyncio_", "uvloop_")) for name in threads] == [True]
    assert world.stored()[0].body == body


def test_a_failure_of_ours_is_answered_and_closes_the_connection(world, collector, monkeypatch, expected_logs):
    expected_logs("a report could not be taken")
    monkeypatch.setattr(app, "framing_at_once", lambda *_: 1 / 0)
    with connected(collector) as connection:
        connection.sendall(post(world))
        assert answer(connection).startswith(b"HTTP/1.1 500 ")
    assert world.stored() == []
