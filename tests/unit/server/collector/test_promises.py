"""Security at the collector: each line of the table of threats, where anybody can post, has its test here."""

import gzip
import zlib
from dataclasses import replace

import brotli
import pytest
import zstandard

from crashdesk.protocol.envelope import Envelope
from crashdesk.server.collector import limits
from crashdesk.server.collector.limits import Limit
from crashdesk.server.intake.reading import decode
from support.asgi import Answer, call
from support.intakes import EVENT_ID, envelope_bytes

BODY = envelope_bytes()


def posted(world, body: bytes = BODY, path: str = "/api/1/envelope/", **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return call(world.collector, path, body, headers={**world.auth, **named})


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.headers["x-sentry-error"]


def test_wrong_missing_revoked_and_foreign_keys_are_refused_with_a_word_and_store_nothing(world):
    collector = world.collector
    assert refusal(call(collector, world.path, BODY)) == (401, "key_missing")
    assert refusal(call(collector, f"{world.path}?sentry_key={'f' * 32}", BODY)) == (403, "key_unknown")
    assert refusal(posted(world, path="/api/2/envelope/")) == (403, "key_of_other_project")
    world.sql("UPDATE projects_projectkey SET is_active = 0")
    world.around = replace(world.around, find_key=world.fresh_keys().find)
    assert refusal(posted(world)) == (403, "key_unknown")
    assert world.stored() == []


def test_the_origin_of_a_browser_must_be_one_that_the_key_allows(world):
    world.sql("UPDATE projects_projectkey SET allowed_origins = ?", '["https://app.example"]')
    world.around = replace(world.around, find_key=world.fresh_keys().find)
    assert posted(world, Origin="https://app.example").status == 200
    assert refusal(posted(world, Origin="https://evil.example")) == (403, "origin_not_allowed")
    assert posted(world).status == 200  # programs have no origin


def test_a_second_key_lets_in_while_the_first_is_switched_off(world):
    world.sql(
        "INSERT INTO projects_projectkey (public_key, label, is_active, allowed_origins, created_at, project_id)"
        " VALUES ('second', 'x', 1, '[]', '2026-01-01', 1)"
    )
    world.sql("UPDATE projects_projectkey SET is_active = 0 WHERE public_key <> 'second'")
    world.around = replace(world.around, find_key=world.fresh_keys().find)
    assert call(world.collector, f"{world.path}?sentry_key=second", BODY).status == 200


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("encoding", PACKERS)
def test_every_encoding_of_clients_is_taken(world, encoding):
    assert posted(world, PACKERS[encoding](BODY), Content_Encoding=encoding).status == 200


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_is_413_in_every_encoding_also_for_one_event_of_an_old_client(world, encoding):
    bomb = PACKERS[encoding](b'{"message":"' + b"\0" * 30_000_000 + b'"}')
    assert len(bomb) < 60_000
    assert refusal(posted(world, bomb, Content_Encoding=encoding))[0] in {400, 413}
    assert refusal(posted(world, bomb, "/api/1/store/", Content_Encoding=encoding)) == (413, "body_unpacks_too_large")


def test_one_layer_of_encoding_is_unpacked_and_no_second(world):
    assert refusal(posted(world, gzip.compress(gzip.compress(BODY)), Content_Encoding="gzip"))[0] == 400
    assert refusal(posted(world, gzip.compress(BODY), Content_Encoding="gzip, gzip")) == (415, "encoding_unknown")


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_broken_stream_is_400(world, encoding):
    packed = PACKERS[encoding](BODY * 50)
    assert posted(world, packed[: len(packed) // 2], Content_Encoding=encoding).status == 400


def test_a_length_that_lies_neither_harms_nor_helps(world):
    assert posted(world, Content_Length="3").status == 200
    assert refusal(posted(world, Content_Length=str(10**12))) == (413, "body_too_large")


def test_a_flood_is_429_with_the_time_to_wait_and_the_categories(world, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "reports_at_once", Limit(1, "", ""))
    monkeypatch.setitem(limits.LIMITS, "reports_per_second", Limit(0.01, "", ""))
    collector = world.collector
    answers = [call(collector, world.path, BODY, headers=world.auth) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[1].headers.keys() >= {"retry-after", "x-sentry-rate-limits"}


def test_a_bad_item_costs_its_neighbours_nothing_at_the_door(world):
    body = BODY + b'{"type":"event","length":3}\n{]!\n{"type":"hologram"}\nwhatever\n'
    assert posted(world, body).status == 200
    [row] = world.stored()
    assert row.items == "event=2 unknown=1"
    assert len(Envelope.parse(decode(row.body, "")).items) == 3


@pytest.mark.parametrize(
    "text",
    [b'{"a":NaN}', b'{"a":1e999}',
     b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b"\xff\xfe", b"[" * 50_000, b'{"a":1,"a":2}', b"7"],
    ids=["nan", "giant", "surrogate", "nul", "utf-8", "deep", "duplicate", "number"],
)  # fmt: skip
def test_odd_values_are_no_reason_to_refuse(world, text):
    assert posted(world, b'{}\n{"type":"event","length":%d}\n%s\n' % (len(text), text)).status == 200


def test_the_same_id_again_is_answered_like_the_first_time(world):
    assert {posted(world).body for _ in range(3)} == {b'{"id":"%s"}' % EVENT_ID.encode()}


def test_the_time_of_arrival_is_ours_whatever_the_sender_says(world):
    body = b'{"event_id":"%s","sent_at":"1970-01-01T00:00:00Z"}\n{"type":"event"}\n{}\n' % EVENT_ID.encode()
    assert posted(world, body).status == 200
    assert world.stored()[0].received_at > 1_700_000_000


def test_no_name_that_a_sender_chooses_names_a_file(world):
    item = b'{"type":"attachment","length":300000,"filename":"../../evil"}\n' + b"x" * 300_000
    assert posted(world, BODY + item).status == 200
    [name] = world.incoming()
    assert name == world.stored()[0].body_file
    assert "evil" not in name
