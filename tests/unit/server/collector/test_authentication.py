"""Where a key may stand, and who is let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.collector.authentication import (
    Key,
    Refused,
    authenticate,
    key_and_project_in_dsn,
    keys_in_request,
)

KEYS = {
    "good": Key(1, 7, True, ()),
    "off": Key(2, 7, False, ()),
    "bound": Key(3, 7, True, ("https://app.example",)),
    "open": Key(4, 7, True, ("*",)),
}


@pytest.mark.parametrize(
    "header",
    [
        b"Sentry sentry_key=good",
        b"Sentry sentry_version=7, sentry_key=good, sentry_client=x/1",
        b"sentry  sentry_key = good ,sentry_secret=s",
        b"  SENTRY sentry_version=5,sentry_timestamp=1.5,sentry_key=good",
    ],
)
def test_the_key_is_found_in_either_header(header):
    assert keys_in_request({b"x-sentry-auth": header}, b"") == {"good"}
    assert keys_in_request({b"authorization": header}, b"") == {"good"}


@pytest.mark.parametrize(
    "header", [b"", b"Sentry", b"Bearer good", b"Sentry sentry_key=", b"Sentry key=good", b"\xff\xfe"]
)
def test_other_headers_name_no_key(header):
    assert keys_in_request({b"authorization": header}, b"") == set()


@pytest.mark.parametrize("query", [b"sentry_key=good", b"sentry_version=7&sentry_key=good&a=b", b"sentry_key=g%6Fod"])
def test_the_key_is_found_in_the_query(query):
    assert keys_in_request({}, query) == {"good"}


def test_a_query_of_endless_fields_names_no_key():
    assert keys_in_request({}, b"&".join([b"sentry_key=x"] * 100)) == set()


def test_keys_that_disagree_are_all_named():
    assert keys_in_request({b"x-sentry-auth": b"Sentry sentry_key=a"}, b"sentry_key=b") == {"a", "b"}


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_the_headers_hold_keys_are_looked_for(header, query):
    keys_in_request({b"x-sentry-auth": header, b"authorization": b"Sentry " + header}, query + b"&sentry_key=%")


def test_an_envelopes_dsn_names_key_and_project_whatever_its_host():
    assert key_and_project_in_dsn("https://good@elsewhere.example/prefix/7") == ("good", "7")
    assert key_and_project_in_dsn("rubbish") is None
    assert key_and_project_in_dsn(None) is None


def test_the_right_key_lets_in():
    assert authenticate({"good"}, "7", None, KEYS.get) == KEYS["good"]


@pytest.mark.parametrize(
    ("named", "project", "answer"),
    [
        (set(), "7", (401, "key_missing")),
        ({"good", "bound"}, "7", (403, "keys_disagree")),
        ({"unknown"}, "7", (403, "key_unknown")),
        ({"off"}, "7", (403, "key_unknown")),
        ({"good"}, "8", (403, "key_of_other_project")),
        ({"good"}, "07", (403, "key_of_other_project")),
        ({"good"}, None, (403, "key_of_other_project")),
    ],
)
def test_others_stay_outside_with_a_reason(named, project, answer):
    with pytest.raises(Refused) as caught:
        authenticate(named, project, None, KEYS.get)
    assert (caught.value.status, caught.value.reason) == answer


@pytest.mark.parametrize(
    ("key", "origin", "lets_in"),
    [
        ("bound", "https://app.example", True),
        ("bound", "https://evil.example", False),
        ("bound", "https://app.example.evil.example", False),
        ("bound", None, True),
        ("open", "https://anywhere.example", True),
        ("good", "https://anywhere.example", True),
    ],
)
def test_a_key_may_be_bound_to_origins(key, origin, lets_in):
    try:
        authenticate({key}, "7", origin, KEYS.get)
    except Refused as refused:
        assert (lets_in, refused.reason) == (False, "origin_not_allowed")  # noqa: PT017 - both ends are checked
    else:
        assert lets_in
