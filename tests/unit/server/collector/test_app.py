"""What a request for a report is answered, and that exactly the accepted ones are stored, as they came."""

import asyncio
import base64
import gzip
import json
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

import pytest

from crashdesk.protocol.envelope import Envelope
from crashdesk.server import installation
from crashdesk.server.collector import limits
from crashdesk.server.collector.answers import REASONS
from crashdesk.server.collector.limits import Limit
from crashdesk.server.collector.room import Room
from crashdesk.server.intake.incoming import Incoming
from support import samples
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
        ("/api/1/envelope/?sentry_key=KEY", {"Content-Length": "200000001"}, b"", (413, "body_too_large")),
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
    collector = world.collector
    assert call(collector, world.path, BODY[:20], headers=world.auth, leaves=True) is None
    assert world.stored() == []
    assert collector.memory.held_bytes == 0


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


def test_large_bodies_go_to_the_disk_as_they_came_and_their_row_names_them(world):
    packed = gzip.compress(LARGE, 0)
    answer = call(world.collector, world.path, *pieces_of(packed), headers={**world.auth, "Content-Encoding": "gzip"})
    [row] = world.stored()
    assert (answer.status, row.body, row.items) == (200, b"", "event=1 attachment=1")
    assert world.incoming() == [row.body_file]
    assert b"".join(Incoming(world.data).pieces(row.body_file)) == packed


def test_a_large_body_that_is_refused_leaves_no_file(world):
    assert call(world.collector, world.path, *pieces_of(LARGE[:-9]), headers=world.auth).status == 400
    assert call(world.collector, world.path, *pieces_of(LARGE[:-9]), headers=world.auth, leaves=True) is None
    assert (world.stored(), world.incoming()) == ([], [])


def test_a_large_body_whose_row_cannot_be_stored_leaves_no_file(world, expected_logs):
    expected_logs("answered with 503 until the intake can be written again")
    expected_logs("stay in the intake")
    world.sql_of_intake("DROP TABLE intake")
    assert call(world.collector, world.path, *pieces_of(LARGE), headers=world.auth).status == 503
    assert world.incoming() == []


def test_a_disk_that_fills_up_while_a_body_comes_is_503_and_leaves_no_file(world, monkeypatch):
    with_limit(monkeypatch, "reserve_bytes", 1)
    monkeypatch.setattr(Room, "_look", lambda _room: 600_000)
    answer = call(world.collector, world.path, *pieces_of(LARGE), headers=world.auth)
    assert (answer.status, answer.headers["x-sentry-error"]) == (503, "storage_full")
    assert world.incoming() == []


def test_when_memory_is_short_bodies_go_to_the_disk_earlier(world, monkeypatch):
    with_limit(monkeypatch, "bodies_in_memory_bytes", 1)
    body = BODY + b'{"type":"attachment","length":100000}\n' + b"x" * 100_000
    collector = world.collector
    assert call(collector, world.path, *pieces_of(body), headers=world.auth).status == 200
    assert len(world.incoming()) == 1
    assert collector.memory.held_bytes == 0


def test_many_large_bodies_at_once_are_all_kept_in_bounded_memory(world, monkeypatch):
    with_limit(monkeypatch, "bodies_in_memory_bytes", 500_000)
    assert asyncio.run(posted_together(world, [pieces_of(LARGE)] * 10)) == [200] * 10
    assert len(world.incoming()) == 10


def test_a_stuck_body_holds_nobody_up(world, monkeypatch):
    with_limit(monkeypatch, "body_seconds", 0.2)
    with_limit(monkeypatch, "large_body_seconds", 0.2)
    with_limit(monkeypatch, "drained_seconds", 0.1)
    stuck = [*pieces_of(LARGE)[:-1], b"stuck"]
    assert asyncio.run(posted_together(world, [stuck, pieces_of(LARGE), [BODY]])) == [408, 200, 200]
    assert len(world.incoming()) == 1


def test_memory_is_given_back_after_each_answer(world):
    collector = world.collector
    call(collector, world.path, BODY + b"\n" * 70_000, headers=world.auth)
    call(collector, world.path, b"rubbish" * 20_000, headers=world.auth)
    assert collector.memory.held_bytes == 0


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


SESSION = b'{}\n{"type":"session"}\n{}\n'


def test_sessions_come_through_also_over_the_limit(world, monkeypatch):
    with_limit(monkeypatch, "reports_at_once", 1)
    with_limit(monkeypatch, "reports_per_second", 0.01)
    collector = world.collector
    assert [call(collector, world.path, SESSION, headers=world.auth).status for _ in range(3)] == [200] * 3


def test_a_report_that_is_limited_in_part_is_accepted_and_says_what_is_to_be_dropped(world, monkeypatch):
    with_limit(monkeypatch, "reports_at_once", 1)
    with_limit(monkeypatch, "reports_per_second", 0.01)
    collector = world.collector
    call(collector, world.path, BODY, headers=world.auth)
    answer = call(collector, world.path, BODY + SESSION[3:], headers=world.auth)
    assert (answer.status, world.stored()[1].items) == (200, "event=1!key_rate session=1")
    assert "key_rate" in answer.headers["x-sentry-rate-limits"]


def test_a_quota_of_a_project_refuses_its_category_and_no_other(world):
    quota = "INSERT INTO projects_projectquota (project_id, category, window_seconds, quantity)"
    world.sql(f"{quota} VALUES (1, 'error', 3600, 1)")
    collector = world.collector
    statuses = [call(collector, world.path, BODY, headers=world.auth).status for _ in range(2)]
    answer = call(collector, world.path, BODY, headers=world.auth)
    assert statuses == [200, 429]
    assert answer.headers["x-sentry-rate-limits"].split(":")[1:] == ["error", "project", "project_quota"]
    assert int(answer.headers["retry-after"]) <= 3600


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


FORM = b'--b\r\nContent-Disposition: form-data; name="upload_file_minidump"; filename="d.dmp"\r\n\r\nMDMP\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "encoding", "items"),
    [(FORM, "", "event=1 attachment=1"), (b"broken", "", "event=1"), (FORM, "gzip", "event=1")],
)
def test_a_native_crash_is_kept_whatever_it_is_and_answered_its_id_as_bare_text(world, body, encoding, items):
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Encoding": encoding}
    answer = call(world.collector, f"/api/1/minidump/?sentry_key={world.dsn.public_key}", body, headers=headers)
    [row] = world.stored()
    assert (answer.status, answer.body.decode()) == (200, str(UUID(row.envelope_id)))
    assert (row.route, row.content_type, row.items) == ("minidump", headers["Content-Type"], items)


def test_a_native_crash_needs_a_key_like_any_report(world):
    assert call(world.collector, "/api/1/minidump/", FORM).status == 401


@pytest.mark.parametrize("name", ["security", "csp-report", "nel"])
def test_a_report_of_a_browser_is_stored_with_its_form_and_the_release_of_its_page(world, name):
    path = f"/api/1/{name}/?sentry_key={world.dsn.public_key}&sentry_release=a%201&other=x"
    headers = {"Content-Type": "application/csp-report; charset=utf-8"}
    answer = call(world.collector, path, b'{"csp-report":{}}', headers=headers)
    [row] = world.stored()
    assert (answer.status, row.route, row.items) == (200, "security", "security=1")
    assert row.content_type == "application/csp-report; sentry_release=a%201"


@pytest.mark.parametrize("event", ['{"message":"x"}', base64.b64encode(b'{"message":"x"}').decode()])
def test_an_event_in_the_address_of_an_image_is_answered_with_one(world, event):
    path = f"/api/1/store/?sentry_key={world.dsn.public_key}&sentry_data={quote(event)}"
    answer = call(world.collector, path, method="GET")
    assert (answer.status, answer.headers["content-type"], answer.body[:6]) == (200, "image/gif", b"GIF89a")
    assert (world.stored()[0].route, world.stored()[0].body) == ("store", b'{"message":"x"}')


def test_words_in_a_crash_dialog_become_a_report_of_their_event(world):
    path = f"/api/embed/error-page/?dsn={quote(str(world.dsn))}&eventId={EVENT_ID}"
    answer = call(world.collector, path, b"name=Ann&email=a%40b&comments=It+broke")
    [row] = world.stored()
    words = Envelope.parse(row.body).items[0].json()
    assert (answer.status, row.items) == (200, "user_report=1")
    assert words == {"event_id": EVENT_ID, "name": "Ann", "email": "a@b", "comments": "It broke"}


@pytest.mark.parametrize(
    ("query", "body", "reason"),
    [
        (f"dsn=DSN&eventId={EVENT_ID}", b"name=Ann", "not_a_comment"),
        ("dsn=DSN", b"comments=x", "not_a_comment"),
        (f"eventId={EVENT_ID}", b"comments=x", "key_missing"),
        (f"dsn=http://other@host/1&eventId={EVENT_ID}", b"comments=x", "key_unknown"),
    ],
)
def test_a_crash_dialog_that_says_nothing_is_refused(world, query, body, reason):
    path = f"/api/embed/error-page/?{query.replace('DSN', quote(str(world.dsn)))}"
    assert call(world.collector, path, body).headers["x-sentry-error"] == reason
    assert call(world.collector, path, method="GET").status == 405


def test_the_sender_is_the_peer_unless_a_proxy_of_ours_is_told_of(world):
    headers = {**world.auth, "X-Forwarded-For": "198.51.100.7, 203.0.113.5"}
    call(world.collector, world.path, BODY, headers=headers)
    world.around = replace(world.around, trusts_forwarded=1)
    call(world.collector, world.path, BODY, headers=headers)
    call(world.collector, world.path, BODY, headers=world.auth)
    assert [row.remote for row in world.stored()] == ["192.0.2.1", "203.0.113.5", "192.0.2.1"]


def test_large_bodies_are_checked_beside_the_loop(world):
    large = envelope_bytes() + b'{"type":"attachment","length":300000}\n' + b"x" * 300_000
    assert call(world.collector, world.path, large, headers=world.auth).status == 200
    assert call(world.collector, world.path, large[:-9], headers=world.auth).status == 400


def test_health_says_which_part_is_missing(world):
    (world.data / "status.json").write_text('{"web": {"state": "waiting"}, "processor": {"state": "ready"}}')
    with installation.held(world.data):
        answer = call(world.collector, "/health/ready", method="GET")
    assert answer.status == 503
    assert json.loads(answer.body)["checks"] == {"intake": "ok", "disk": "ok", "web": "waiting", "processor": "ok"}
    assert call(world.collector, "/health/live", method="GET").status == 200
    assert call(world.collector, "/health/other", method="GET").status == 404


def test_a_database_that_is_away_is_named_and_the_collector_ready_all_the_same(world):
    (world.data / "status.json").write_text('{"collector": {"state": "ready"}}')
    world.around = replace(world.around, is_database_away=lambda: True)
    with installation.held(world.data):
        answer = call(world.collector, "/health/ready", method="GET")
    assert (answer.status, json.loads(answer.body)["checks"]["database"]) == (200, "away")


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


@pytest.mark.parametrize("beginning", ["20", "21"])
def test_what_crashpad_sent_is_kept_as_it_came_with_its_files_counted(world, beginning):
    sample = samples.sample(beginning)
    path = sample.path.replace("a" * 32, world.dsn.public_key)
    assert call(world.collector, path, sample.body, headers=sample.headers).status == 200
    [row] = world.stored()
    assert (row.body, row.encoding) == (sample.body, "gzip")
    assert row.items.startswith("event=1 attachment=")


@pytest.mark.parametrize(
    ("body", "encoding", "told"),
    [
        (b"rubbish", "", ["default", "invalid", "not_an_envelope", 1]),
        (BODY, "lzma", ["default", "invalid", "encoding_unknown", 1]),
    ],
)
def test_a_refused_report_stands_in_the_account_of_the_project_whose_key_it_had(world, body, encoding, told):
    call(world.collector, world.path, body, headers={**world.auth, "Content-Encoding": encoding})
    [counted] = json.loads(world.around.refusals.take(0.0).body)
    assert (counted[0], counted[2:]) == (1, told)


def test_a_broken_report_through_the_tunnel_stands_in_the_account_of_the_project_that_its_header_names(world):
    dsn = f"http://{world.dsn.public_key}@other.example/1"
    broken = envelope_bytes(dsn=dsn) + b'{"type":"event","length":9}\n{}'
    assert call(world.collector, "/tunnel", broken).status == 400
    [counted] = json.loads(world.around.refusals.take(0.0).body)
    assert (counted[0], counted[2:]) == (1, ["default", "invalid", "item_truncated", 1])


def test_a_report_over_the_limit_stands_in_the_account_with_all_its_items(world, monkeypatch):
    with_limit(monkeypatch, "reports_at_once", 1)
    with_limit(monkeypatch, "reports_per_second", 0.01)
    collector = world.collector
    for _ in range(3):
        call(collector, world.path, BODY + b'{"type":"attachment","length":1}\nx', headers=world.auth)
    counted = json.loads(world.around.refusals.take(0.0).body)
    assert [row[2:] for row in counted] == [
        ["error", "rate_limited", "key_rate", 2],
        ["attachment", "rate_limited", "key_rate", 2],
    ]


def test_what_came_without_a_key_of_ours_stands_in_nobodys_account(world):
    call(world.collector, world.path, BODY)
    call(world.collector, f"{world.path}?sentry_key=unknown", BODY)
    assert world.around.refusals.take(0.0) is None


@pytest.mark.parametrize("path", ["/api/1/store/", "/api/1/minidump/", "/api/1/security/", "/api/embed/error-page/"])
def test_every_address_for_reports_answers_browsers_also_when_it_refuses(world, path):
    for method in ("OPTIONS", "POST", "PUT"):
        answer = call(world.collector, path, b"rubbish", method=method)
        assert answer.headers["access-control-allow-origin"] == "*", method
        assert answer.status == {"OPTIONS": 204, "PUT": 405}.get(method, answer.status)
        assert answer.status < 500
