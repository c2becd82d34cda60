"""The whole server over real HTTP: recorded reports of real clients, pages through the collector, what stays out."""

import http.client
import http.cookiejar
import json
import re
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import new_event_id
from support.intakes import envelope_bytes
from support.posting import until_stored
from support.samples import SAMPLES
from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Server, running_server

RECORDED_KEY = "a" * 32
INGEST = re.compile(r"/api/1/(envelope|store)/")
RECORDED = [
    sample
    for sample in json.loads((SAMPLES / "index.json").read_text())
    if INGEST.match(sample["path"]) or sample["path"] == "/tunnel"
]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("http")) as server:
        yield server


@pytest.fixture
def connection(server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    yield connection
    connection.close()


def replay(connection: http.client.HTTPConnection, sample: dict, key: str) -> http.client.HTTPResponse:
    """Send a recorded request with our key in place of the recorded one, chunked where it was chunked."""
    head, _, body = (SAMPLES / sample["file"]).read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.decode().replace(RECORDED_KEY, key).split("\r\n")
    if sample["path"] == "/tunnel":
        body = body.replace(RECORDED_KEY.encode(), key.encode())
    connection.putrequest("POST", first.split(" ")[1], skip_accept_encoding=True)
    for name, _, text in (line.partition(":") for line in lines):
        if name.lower() not in {"host", "connection", "content-length", "transfer-encoding"}:
            connection.putheader(name, text.strip())
    framing = ("Transfer-Encoding", "chunked") if sample["was_chunked"] else ("Content-Length", str(len(body)))
    connection.putheader(*framing)
    connection.endheaders()
    connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if sample["was_chunked"] else body)
    return connection.getresponse()


@pytest.mark.parametrize("sample", RECORDED, ids=lambda sample: sample["file"])
def test_what_a_real_client_sent_is_answered_as_it_expects(server, connection, sample):
    answer = replay(connection, sample, Dsn.parse(server.dsn).public_key)
    assert answer.status == 200
    told = json.loads(answer.read())
    recorded = json.loads(sample["answered"]["body"]) if isinstance(sample["answered"].get("body"), str) else told
    assert told == recorded


def test_an_accepted_report_is_seen_through_the_api(server):
    event_id = new_event_id()
    dsn = Dsn.parse(server.dsn)
    status, body = server.post("/api/1/envelope/", envelope_bytes(event_id), {"X-Sentry-Auth": dsn.auth_header("t/1")})
    assert (status, json.loads(body)) == (200, {"id": event_id})
    until_stored(server, 1)
    assert server.api(f"projects/main/default/events/{event_id}/")["eventID"] == event_id


def test_pages_come_from_the_web_process_with_their_policy(connection):
    connection.request("GET", "/login/")
    answer = connection.getresponse()
    page = answer.read()
    assert answer.status == 200
    assert b"<form" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.headers.get_all("Date")) == 1


def test_one_connection_serves_pages_and_reports(server, connection):
    for _ in range(3):
        connection.request("GET", "/login/")
        assert connection.getresponse().read()
        connection.request("POST", "/api/1/envelope/", envelope_bytes(), {})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["causes"]) == (401, ["key_missing"])


def test_head_has_no_body(connection):
    connection.request("HEAD", "/login/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")


def test_static_files_come_whole(server):
    page = server.get("/login/")[1].decode()
    [address] = set(re.findall(r'href="(/static/[^"]+crashdesk\.css)"', page))
    status, body = server.get(address)
    assert status == 200
    assert b"}" in body[-10:]


def test_a_person_signs_in_through_the_collector(server):
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{server.url}/login/", timeout=30).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "csrfmiddlewaretoken": token}
    request = urllib.request.Request(  # noqa: S310 - our own http server
        f"{server.url}/login/", urllib.parse.urlencode(form).encode(), {"Referer": f"{server.url}/login/"}
    )
    with opener.open(request, timeout=30) as answer:
        assert answer.url == f"{server.url}/issues/"


def test_a_large_body_for_a_page_passes_chunked_and_with_a_length(connection):
    for body in (b"a=" + b"x" * 300_000, iter([b"a=", b"x" * 300_000])):
        connection.request("POST", "/login/", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 403  # no token against forgery: Django has read the form


def test_a_body_without_end_for_a_page_is_cut_off(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError):  # noqa: PT012 - whichever chunk finds the connection closed
            for _ in range(2000):
                connection.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
    assert server.get("/login/")[0] == 200


def test_many_stuck_requests_for_pages_do_not_delay_another(server):
    stuck = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(150)]
    for one in stuck:
        one.sendall(b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert server.get("/login/")[0] == 200
    for one in stuck:
        one.close()


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"])
def test_a_request_for_a_page_without_exactly_one_host_is_400(server, hosts):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"GET /login/ HTTP/1.1\r\n" + hosts + b"\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")


def test_a_header_with_a_blank_at_its_end_passes(connection):
    connection.request("GET", "/api/0/", headers={"Authorization": "Bearer "})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 401


def test_the_web_process_answers_nobody_but_the_collector(server):
    command = server.command_line_of("collector")
    port = int(command[command.index("--web-port") + 1])
    direct = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for headers in ({}, {"X-Crashdesk-Proxy": "guess"}, {"X_Crashdesk_Proxy": ""}):
        direct.request("GET", "/login/", headers=headers)
        answer = direct.getresponse()
        assert (answer.status, b"collector" in answer.read()) == (403, True)
    direct.close()


def test_headers_that_only_a_proxy_may_send_do_not_pass(server, connection):
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "X-Crashdesk-Proxy": "guess"}
    connection.request("GET", "/login/", headers=spoofed)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    assert "Strict-Transport-Security" not in answer.headers  # Django was not made to believe in https


def test_another_host_is_refused(connection):
    connection.request("GET", "/login/", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 400


def test_health_is_well(server):
    status, body = server.get("/health/ready")
    assert status == 200
    assert set(json.loads(body)["checks"].values()) == {"ok"}


def test_the_log_holds_nothing_unexpected(server):
    assert "does not answer" not in server.log()
    assert "Traceback" not in server.log()
    assert '"level": "ERROR"' not in server.log()
