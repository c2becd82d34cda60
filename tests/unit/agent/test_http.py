import threading
from contextlib import suppress

import pytest

from crashdesk import __version__
from crashdesk.agent.http import HttpSender, Limits
from crashdesk.errors import DeliveryError, UsageError
from support import collectors
from support.collectors import running_collector, unused_port
from support.waiting import until

BODY = b'{"event_id":"' + b"a" * 32 + b'"}\n'
QUICK = Limits(connect_seconds=2, read_seconds=0.3, total_seconds=5)


def send(dsn, body=BODY, limits=QUICK):
    return HttpSender(limits).send(dsn, body)


def test_an_envelope_arrives_whole_with_its_key():
    with running_collector() as collector:
        answer = send(collector.dsn, BODY + b"\x00" * 500_000)
    (received,) = collector.received
    assert received.path == "/api/7/envelope/"
    assert received.body == BODY + b"\x00" * 500_000
    assert received.headers["content-type"] == "application/x-sentry-envelope"
    assert received.headers["content-encoding"] == "gzip"
    auth = received.headers["x-sentry-auth"]
    assert f"sentry_client=crashdesk.agent/{__version__}" in auth
    assert "sentry_key=publickey" in auth
    assert (answer.status, answer.json) == (200, {"id": "a" * 32})


def test_header_names_come_in_lower_case():
    with running_collector(collectors.status(429, Retry_After="3")) as collector:
        assert send(collector.dsn).headers["retry-after"] == "3"


def test_a_redirect_is_not_followed_with_a_report():
    with running_collector() as elsewhere:
        for code in (301, 302, 307, 308):
            moved = collectors.status(code, Location=f"{elsewhere.url}/api/7/envelope/")
            with running_collector(moved) as collector:
                assert send(collector.dsn).status == code
        assert elsewhere.received == []


def test_neither_cookies_nor_passwords_of_this_machine_travel(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password planted-secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    sender = HttpSender(QUICK)
    with running_collector(collectors.status(200, Set_Cookie="track=me")) as collector:
        sender.send(collector.dsn, BODY)
        sender.send(collector.dsn, BODY)
    for received in collector.received:
        assert "authorization" not in received.headers
        assert "cookie" not in received.headers


@pytest.mark.parametrize("behaviour", [collectors.reset, collectors.broken_framing, collectors.silence])
def test_a_server_that_breaks_off_is_a_delivery_error_in_plain_words(behaviour):
    with running_collector(behaviour) as collector, pytest.raises(DeliveryError, match=r"^127\.0\.0\.1 [a-z ]+\.$"):
        send(collector.dsn)


def test_half_an_answer_is_no_receipt():
    with running_collector(collectors.half_answer) as collector, suppress(DeliveryError):
        assert send(collector.dsn).json is None


def test_an_answer_that_trickles_is_cut_at_the_total_limit():
    limits = Limits(connect_seconds=2, read_seconds=5, total_seconds=0.5)
    with running_collector(collectors.trickle) as collector, pytest.raises(DeliveryError, match="took longer than"):
        send(collector.dsn, limits=limits)


def test_nobody_there_is_a_delivery_error():
    with pytest.raises(DeliveryError, match="could not be reached"):
        send(f"http://k@127.0.0.1:{unused_port()}/7")


def test_a_name_that_does_not_exist_is_a_delivery_error():
    with pytest.raises(DeliveryError, match="could not be reached"):
        send("http://k@no-such-host.invalid/7")


def test_a_wrong_dsn_is_a_usage_error():
    with pytest.raises(UsageError):
        send("nonsense")


def test_an_unknown_certificate_is_refused_before_anything_is_sent(tmp_path):
    authority = collectors.certificate_for("localhost", tmp_path)
    with running_collector(tls=authority.context) as collector:
        dsn = f"https://k@localhost:{collector.port}/7"
        with pytest.raises(DeliveryError, match="certificate of localhost could not be verified"):
            send(dsn)
    assert collector.received == []


def test_a_certificate_authority_that_the_environment_names_is_trusted(tmp_path, monkeypatch):
    authority = collectors.certificate_for("localhost", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with running_collector(tls=authority.context) as collector:
        answer = send(f"https://k@localhost:{collector.port}/7")
    assert answer.status == 200


def test_the_systems_proxy_is_used_but_not_for_this_machine(monkeypatch):
    with running_collector() as proxy, running_collector() as collector:
        monkeypatch.setenv("http_proxy", proxy.url)
        send(collector.dsn)
        assert proxy.received == []
        send("http://k@crashdesk.example/7")
    assert proxy.received[0].path == "http://crashdesk.example/api/7/envelope/"


def test_abort_ends_a_delivery_under_way():
    sender = HttpSender(Limits(connect_seconds=5, read_seconds=30, total_seconds=60))
    failures = []

    def deliver(dsn):
        try:
            sender.send(dsn, BODY)
        except DeliveryError as error:
            failures.append(error)

    with running_collector(collectors.silence) as collector:
        thread = threading.Thread(target=deliver, args=(collector.dsn,))
        thread.start()
        until(lambda: collector.received)
        sender.abort()
        thread.join(5)
    assert len(failures) == 1


def test_an_endless_answer_is_read_to_its_bound_only():
    with running_collector(collectors.status(200, b'{"id": "' + b"x" * 3_000_000)) as collector:
        assert send(collector.dsn).json is None
