"""What a request for a report is answered, and that exactly the accepted ones are stored, as they came."""

import asyncio
import gzip
import json
from dataclasses import replace

import pytest

from crashdesk.server.collector import limits
from crashdesk.server.collector.answers import REASONS
from crashdesk.server.collector.limits import Limit
from support.asgi import call
from support.intakes import EVENT_ID, envelope_bytes

BODY = envelope_bytes()


def with_limit(monkeypatch: pytest.MonkeyPatch, name: str, value: float) -> None:
    monkeypatch.setitem(limits.LIMITS, name, Limit(value, "", ""))


def test_an_accepted_report_is_stored_as_it_came(world):
    packed = gzip.compress(BODY)
    answer = call(world.collector, world.path, packed, headers={**world.auth, "Content-Encoding": "gzip"})
    assert (answer.status, json.loads(answer.body)) == (200, {"id": EVENT_ID})
    [row] = world.stored()
    assert (row.body, row.encoding, row.route, row.envelope_id) == (packed, "gzip", "envelope", EVENT_ID)
    assert (row.project_id, row.key_id, row.remote) == (1, 1, "192.0.2.1")


def test_a_body_in_many_chunks_is_stored_joined(world):
    assert call(world.collector, world.path, BODY[:5], BODY[5:9], BODY[9:], headers=world.auth).status == 200
    assert world.stored()[0].body == BODY


def test_an_envelope_without_id_is_answered_an_empty_object(world):
    answer = call(world.collector, world.path, envelope_bytes(None), headers=world.auth)
    assert (answer.status, answer.body) == (200, b"{}")


def test_one_event_of_an_old_client_is_accepted(world):
    answer = call(world.collector, "/api/1/store/", b'{"message":"x"}', headers=world.auth)
    [row] = world.stored()
    assert (row.route, json.loads(answer.body)) == ("store", {"id": row.envelope_id})


def test_an_envelope_at_the_address_for_events_is_told_by_its_content_type(world):
    headers = {**world.auth, "Content-Type": "application/x-sentry-envelope"}
    assert call(world.collector, "/api/1/store/", BODY, headers=headers).status == 200
    assert world.stored()[0].route == "envelope"


@pytest.mark.parametrize("path", ["/api/1/envelope", "/api/1/envelope/", "/api/1/envelope/?x=1"])
def test_the_last_slash_may_be_missing(world, path):
    assert call(world.collector, path, BODY, headers=world.auth).status == 200


def test_every_way_to_name_the_key_lets_in(world):
    key = world.dsn.public_key
    in_header = f"Sentry sentry_version=7,sentry_client=x/1 , sentry_key={key}"
    assert call(world.collector, world.path, BODY, headers={"X-Sentry-Auth": in_header}).status == 200
    assert call(world.collector, world.path, BODY, headers={"Authorization": in_header}).status == 200
    assert call(world.collector, f"{world.path}?sentry_version=7&sentry_key={key}", BODY).status == 200
    assert call(world.collector, world.path, envelope_bytes(dsn=str(world.dsn))).status == 200
    assert call(world.collector, "/tunnel", envelope_bytes(dsn=f"http://{key}@other.example/1")).status == 200
    assert len(world.stored()) == 5


@pytest.mark.parametrize(
    ("path", "headers", "body", "answer"),
    [
        ("/api/1/envelope/", {}, BODY, (401, "key_missing")),
        ("/api/1/store/", {}, b"{}", (401, "key_missing")),
        ("/tunnel", {}, BODY, (401, "key_missing")),
        ("/tunnel", {}, envelope_bytes(dsn="no dsn"), (401, "key_missing")),
        ("/tunnel", {}, envelope_bytes(dsn="http://unknown@host/1"), (403, "key_unknown")),
        ("/api/1/envelope/?sentry_key=unknown", {}, BODY, (403, "key_unknown")),
        ("/api/2/envelope/?sentry_key=KEY", {}, BODY, (403, "key_of_other_project")),
        ("/tunnel", {}, envelope_bytes(dsn="http://KEY@host/2"), (403, "key_of_other_project")),
        ("/api/1/envelope/?sentry_key=KEY", {"X-Sentry-Auth": "Sentry sentry_key=o"}, BODY, (403, "keys_disagree")),
        ("/api/1/envelope/?sentry_key=KEY", {}, envelope_bytes(dsn="http://o@host/1"), (403, "keys_disagree")),
        ("/api/1/envelope/?sentry_key=KEY", {}, b"rubbish", (400, "not_an_envelope")),
        ("/api/1/envelope/?sentry_key=KEY", {"Content-Encoding": "lzma"}, BODY, (415, "encoding_unknown")),
        ("/api/1/envelope/?sentry_key=KEY", {"Content-Encoding": "gzip"}, BODY, (400, "encoding_broken")),
        ("/api/1/envelope/?sentry_key=KEY", {"Content-Length": "20000001"}, b"", (413, "body_too_large")),
    ],
)
def test_a_refusal_names_its_rule_and_stores_nothing(world, path, headers, body, answer):
    key = world.dsn.public_key
    given = call(
        world.collector, path.replace("KEY", key), body.replace(b"KEY", key.encode()), headers={"A": "b", **headers}
    )
    assert (given.status, given.headers["x-sentry-error"]) == answer
    assert json.loads(given.body) == {"detail": REASONS[answer[1]], "causes": [answer[1]]}
    assert world.stored() == []


def test_a_body_that_grows_above_the_cap_is_refused(world, monkeypatch):
    with_limit(monkeypatch, "body_bytes", 100)
    answer = call(world.collector, world.path, b"x" * 60, b"x" * 60, b"x" * 60, headers=world.auth)
    assert (answer.status, answer.headers["x-sentry-error"]) == (413, "body_too_large")


def test_a_body_without_end_closes_the_connection(world, monkeypatch):
    with_limit(monkeypatch, "body_bytes", 100)
    with_limit(monkeypatch, "drained_bytes", 100)
    answer = call(world.collector, world.path, *[b"x" * 60] * 10, headers=world.auth)
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_sender_that_leaves_gets_no_answer_and_leaves_nothing(world):
    assert call(world.collector, world.path, BODY[:20], headers=world.auth, leaves=True) is None
    assert world.stored() == []
    assert world.around.memory.held_bytes == 0


LARGE = BODY + b'{"type":"attachment","length":1000000}\n' + b"x" * 1_000_000


def pieces_of(body: bytes) -> list[bytes]:
    return [body[start : start + 50_000] for start in range(0, len(body), 50_000)]


async def posted_together(world, bodies: list[list[bytes]]) -> list[int]:
    """Post chunked bodies at the same time, a chunk of each in turn; return the statuses."""

    async def post(chunks: list[bytes]) -> int:
        left = list(chunks)
        answers = []

        async def receive():
            await asyncio.sleep(0)
            chunk = left.pop(0) if left else await asyncio.Event().wait()
            return {"type": "http.request", "body": chunk, "more_body": bool(left) or chunks[-1] == b"stuck"}

        async def send(message):
            answers.append(message.get("status"))

        headers = [(name.lower().encode(), text.encode()) for name, text in world.auth.items()]
        scope = {"method": "POST", "path": world.path, "query_string": b"", "headers": headers}
        await collector(scope, receive, send)
        return answers[0]

    collector = world.collector
    return await asyncio.gather(*map(post, bodies))


def test_large_bodies_wait_for_each_other_when_the_memory_for_them_is_full(world, monkeypatch):
    with_limit(monkeypatch, "bodies_in_memory_bytes", 2_500_000)
    assert asyncio.run(posted_together(world, [pieces_of(LARGE)] * 10)) == [200] * 10
    assert world.around.memory.held_bytes == 0


def test_a_stuck_body_holds_others_up_for_a_while_only_and_small_ones_not_at_all(world, monkeypatch):
    with_limit(monkeypatch, "bodies_in_memory_bytes", 500_000)
    with_limit(monkeypatch, "beyond_seconds", 0.1)
    with_limit(monkeypatch, "drained_seconds", 0.1)
    stuck = [*pieces_of(LARGE)[:-1], b"stuck"]
    assert asyncio.run(posted_together(world, [stuck, pieces_of(LARGE), [BODY]])) == [503, 200, 200]
    assert world.around.memory.held_bytes == 0


def test_who_waits_too_long_for_memory_is_told_to_come_again(world, monkeypatch):
    with_limit(monkeypatch, "bodies_in_memory_bytes", 500_000)
    with_limit(monkeypatch, "beyond_seconds", 30)
    with_limit(monkeypatch, "body_seconds", 0.3)
    with_limit(monkeypatch, "drained_seconds", 0.1)
    stuck = [*pieces_of(LARGE)[:-1], b"stuck"]
    assert asyncio.run(posted_together(world, [stuck, stuck, [BODY]])) == [503, 503, 200]


def test_memory_is_given_back_after_each_answer(world):
    call(world.collector, world.path, BODY, headers=world.auth)
    call(world.collector, world.path, b"rubbish", headers=world.auth)
    assert world.around.memory.held_bytes == 0


def test_a_key_over_its_rate_is_told_when_to_come_again_and_what_it_may_still_send(world, monkeypatch):
    with_limit(monkeypatch, "reports_at_once", 2)
    with_limit(monkeypatch, "reports_per_second", 0.01)
    collector = world.collector
    statuses = [call(collector, world.path, BODY, headers=world.auth).status for _ in range(3)]
    answer = call(collector, world.path, BODY, headers=world.auth)
    assert statuses == [200, 200, 429]
    assert int(answer.headers["retry-after"]) in range(50, 101)
    seconds, categories, scope, reason = answer.headers["x-sentry-rate-limits"].split(":")
    assert (seconds, scope, reason) == (answer.headers["retry-after"], "key", "key_rate")
    assert "error" in categories
    assert "session" not in categories
    assert len(world.stored()) == 2


def test_quotas_can_be_lifted(world, monkeypatch):
    with_limit(monkeypatch, "reports_at_once", 1)
    world.around = replace(world.around, has_quotas=False)
    collector = world.collector
    assert [call(collector, world.path, BODY, headers=world.auth).status for _ in range(3)] == [200] * 3


def test_a_disk_near_its_end_takes_nothing_more(world, monkeypatch):
    with_limit(monkeypatch, "reserve_bytes", 10**18)
    answer = call(world.collector, world.path, BODY, headers=world.auth)
    assert (answer.status, answer.headers["x-sentry-error"], answer.headers["retry-after"]) == (
        503,
        "storage_full",
        "30",
    )


def test_an_intake_that_cannot_be_written_is_503_and_heals(world, expected_logs):
    expected_logs("answered with 503 until the intake can be written again")
    connection = world.committer._writer._connection
    collector = world.collector
    connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")
    large = envelope_bytes() + b'{"type":"attachment","length":100000}\n' + b"x" * 100_000
    assert call(collector, world.path, large, headers=world.auth).status == 503
    assert call(collector, "/health/ready", method="GET").status == 503
    connection.execute("PRAGMA max_page_count=1000000")
    assert call(collector, world.path, large, headers=world.auth).status == 200
    assert len(world.stored()) == 1


def test_browsers_may_send_and_read_the_answer_also_of_a_refusal(world):
    for answer in (
        call(world.collector, world.path, BODY, headers={**world.auth, "Origin": "https://app.example"}),
        call(world.collector, world.path, b"rubbish", headers=world.auth),
        call(world.collector, world.path, method="OPTIONS"),
        call(world.collector, world.path, method="GET"),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-sentry-rate-limits" in answer.headers["access-control-expose-headers"]


def test_a_preflight_allows_what_sdks_send(world):
    answer = call(world.collector, world.path, method="OPTIONS")
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.status == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert {"content-type", "x-sentry-auth", "authorization", "content-encoding", "sentry-trace", "baggage"} <= allowed


def test_other_methods_are_405(world):
    assert call(world.collector, world.path, method="PUT", headers=world.auth).status == 405


@pytest.mark.parametrize(
    ("origin", "status"),
    [({"Origin": "https://app.example"}, 200), ({"Origin": "https://evil.example"}, 403), ({}, 200)],
)
def test_a_key_takes_reports_only_from_its_origins(world, origin, status):
    world.sql("UPDATE projects_projectkey SET allowed_origins = '[\"https://app.example\"]'")
    assert call(world.collector, world.path, BODY, headers={**world.auth, **origin}).status == status


def test_the_sender_is_the_peer_unless_a_proxy_of_ours_is_told_of(world):
    headers = {**world.auth, "X-Forwarded-For": "198.51.100.7, 203.0.113.5"}
    call(world.collector, world.path, BODY, headers=headers)
    world.around = replace(world.around, trusts_forwarded=True)
    call(world.collector, world.path, BODY, headers=headers)
    call(world.collector, world.path, BODY, headers=world.auth)
    assert [row.remote for row in world.stored()] == ["192.0.2.1", "203.0.113.5", "192.0.2.1"]


def test_large_bodies_are_checked_beside_the_loop(world):
    large = envelope_bytes() + b'{"type":"attachment","length":300000}\n' + b"x" * 300_000
    assert call(world.collector, world.path, large, headers=world.auth).status == 200
    assert call(world.collector, world.path, large[:-9], headers=world.auth).status == 400


def test_health_says_which_part_is_missing(world):
    (world.data / "status.json").write_text('{"web": {"state": "waiting"}, "processor": {"state": "ready"}}')
    answer = call(world.collector, "/health/ready", method="GET")
    assert answer.status == 503
    assert json.loads(answer.body)["checks"] == {"intake": "ok", "disk": "ok", "web": "waiting", "processor": "ok"}
    assert call(world.collector, "/health/live", method="GET").status == 200
    assert call(world.collector, "/health/other", method="GET").status == 404


def test_refusals_are_counted_by_reason(world):
    collector = world.collector
    call(collector, world.path, b"rubbish", headers=world.auth)
    call(collector, world.path, BODY)
    assert json.loads(call(collector, "/health/ready", method="GET").body)["refused"] == {
        "not_an_envelope": 1,
        "key_missing": 1,
    }


def test_pages_say_that_they_are_being_started_when_nobody_answers(world, expected_logs):
    expected_logs("web process does not answer")
    answer = call(world.collector, "/issues/", method="GET", headers={"Host": "x"})
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert b"pages are being started" in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_body_that_stops_coming_is_given_up(world, monkeypatch):
    with_limit(monkeypatch, "body_seconds", 0.05)
    with_limit(monkeypatch, "drained_seconds", 0.05)
    answer = call(world.collector, world.path, BODY[:10], headers=world.auth, stalls=True)
    assert (answer.status, answer.headers["x-sentry-error"]) == (408, "body_too_slow")
    assert answer.headers["connection"] == "close"
