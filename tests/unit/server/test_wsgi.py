"""The web without a collector before it: what of a stranger's headers is believed, and what is answered at once."""

import json

import pytest

from crashdesk.server.collector.forwarded import Trust
from crashdesk.server.wsgi import InPublic


def asked(path="/", trust: Trust = 0, **headers):
    """Return status and answer of one request, and what the application below saw of it."""
    seen, answers = {}, []

    def application(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return [b"page"]

    environ = {"PATH_INFO": path, "REMOTE_ADDR": "198.51.100.7", "wsgi.url_scheme": "http", "HTTP_HOST": "desk"}
    body = b"".join(
        InPublic(application, trust)({**environ, **headers}, lambda status, _headers: answers.append(status))
    )
    return answers[0], body, seen


def test_a_stranger_is_who_the_connection_says():
    forged = {"HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil"}
    _, _, seen = asked(**forged, HTTP_FORWARDED="for=10.0.0.1", HTTP_X_CRASHDESK_PROXY="guess")
    assert (seen["REMOTE_ADDR"], seen["HTTP_X_FORWARDED_FOR"]) == ("198.51.100.7", "198.51.100.7")
    assert (seen["wsgi.url_scheme"], seen["HTTP_HOST"]) == ("http", "desk")
    assert not {"HTTP_FORWARDED", "HTTP_X_FORWARDED_HOST", "HTTP_X_CRASHDESK_PROXY"} & set(seen)


def test_a_proxy_of_ours_is_believed():
    headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}
    _, _, seen = asked(trust=1, **headers, HTTP_X_FORWARDED_HOST="desk.example.org")
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("203.0.113.9", "https")
    assert seen["HTTP_HOST"] == "desk.example.org"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready/"])
def test_health_checks_are_answered_without_the_database(path):
    status, body, seen = asked(path)
    assert (status, json.loads(body), seen) == ("200 OK", {"status": "ok"}, {})


@pytest.mark.parametrize("path", ["/api/1/envelope/", "/api/27/store", "/api/1/minidump/", "/tunnel"])
def test_who_sends_reports_is_told_where_they_go(path):
    status, body, _ = asked(path)
    assert status == "404 Not Found"
    assert "collector" in json.loads(body)["detail"]
