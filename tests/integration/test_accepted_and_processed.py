"""From the door to what is stored, through a real server: native crashes, broken policies, runs, large files."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Item, new_event_id
from support.events import event
from support.reports import an_envelope, event_item
from support.samples import sample
from support.servers import Server, running_server
from support.waiting import until

KEY = "a" * 32
CSP = {
    "csp-report": {"document-uri": "https://shop.example/", "blocked-uri": "inline", "effective-directive": "img-src"}
}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("forms")) as server:
        yield server


def post(server, address, body, headers=None):
    key = Dsn.parse(server.dsn).public_key
    status, answer = server.post(f"{address}?sentry_key={key}", body, headers)
    assert status in {200, 201}, (status, answer)
    return answer.decode()


def event_with(server, event_id):
    return until(
        lambda: (
            server.get(f"/api/0/projects/main/default/events/{event_id}/", {"Authorization": f"Bearer {server.token}"})[
                0
            ]
            == 200
            and server.api(f"projects/main/default/events/{event_id}/")
        ),
        what="the event to be stored",
    )


def rows(server, statement):
    with closing(sqlite3.connect(f"file:{server.data}/main.sqlite?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("beginning", ["20", "21"])
def test_a_dump_of_crashpad_becomes_an_event_with_its_dump(server, beginning):
    found = sample(beginning)
    headers = {name: text for name, text in found.headers.items() if name.lower().startswith("content-")}
    event_id = post(server, "/api/1/minidump/", found.body, headers).replace("-", "")
    stored = event_with(server, event_id)
    assert stored["title"].startswith("SIGSEGV")
    kinds = rows(server, "SELECT attachment_type FROM events_attachment ORDER BY id DESC LIMIT 2")
    assert ("event.minidump",) in kinds


def test_a_browsers_report_becomes_an_issue(server):
    post(server, "/api/1/security/", json.dumps(CSP).encode(), {"Content-Type": "application/csp-report"})
    until(
        lambda: (
            rows(server, "SELECT value FROM issues_issue WHERE kind = 'security'")
            == [("Blocked 'img-src' from 'inline'",)]
        ),
        what="the issue",
    )


def test_runs_are_counted(server):
    told = {"sid": new_event_id(), "status": "crashed", "init": True, "attrs": {"release": "a@1"}}
    post(server, "/api/1/envelope/", an_envelope(Item.from_json("session", told)).to_bytes())
    wanted = [("crashed", 1), ("total", 1)]
    asked = "SELECT state, quantity FROM product_sessions_sessionhour ORDER BY state"
    until(lambda: rows(server, asked) == wanted, what="the run to be counted")


def test_a_large_file_is_stored_whole_and_its_incoming_body_goes(server):
    content = os.urandom(3_000_000)
    envelope = an_envelope(event_item(event()), Item.attachment("trace.bin", content))
    post(server, "/api/1/envelope/", envelope.to_bytes())
    event_with(server, envelope.event_id)
    assert rows(server, "SELECT size_bytes FROM events_attachment WHERE name = 'trace.bin'") == [(len(content),)]
    until(lambda: not list((server.data / "incoming").iterdir()), what="the collector to forget the body")


def test_the_account_of_all_that_agrees(server):
    def counted():
        found = dict(rows(server, "SELECT outcome, sum(quantity) FROM outcomes_outcomehour GROUP BY 1"))
        came = found.pop("received", 0)
        return came and came == sum(found.values())

    until(counted, what="the sums to agree")
