"""DSNs: what is read, what is built, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.dsn import Dsn, DsnError

KEY = "a" * 32


def test_every_part_is_read():
    dsn = Dsn.parse(f"https://{KEY}:secret@crash.example:8443/tools/desk/42")
    assert dsn == Dsn("https", KEY, "secret", "crash.example", 8443, "/tools/desk", "42")


def test_addresses_are_built_below_the_prefix():
    dsn = Dsn.parse(f"http://{KEY}@crash.example:9000/desk/7/")
    assert dsn.origin == "http://crash.example:9000"
    assert dsn.envelope_url == "http://crash.example:9000/desk/api/7/envelope/"
    assert dsn.store_url == "http://crash.example:9000/desk/api/7/store/"


def test_the_port_of_the_scheme_is_left_out():
    dsn = Dsn.parse(f"https://{KEY}@crash.example:443/1")
    assert str(dsn) == f"https://{KEY}@crash.example/1"


def test_an_ipv6_host_keeps_its_brackets_in_addresses():
    dsn = Dsn.parse(f"http://{KEY}@[::1]:8000/1")
    assert dsn.host == "::1"
    assert dsn.envelope_url == "http://[::1]:8000/api/1/envelope/"


def test_the_auth_header_names_key_version_client_and_an_old_secret():
    dsn = Dsn.parse(f"https://{KEY}:old@crash.example/1")
    assert dsn.auth_header("crashdesk.agent/1.0") == (
        f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=crashdesk.agent/1.0, sentry_secret=old"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin with http"),
        ("crash.example/1", "begin with http"),
        (f"ftp://{KEY}@crash.example/1", "begin with http"),
        ("https://crash.example/1", "no readable key"),
        ("https://@crash.example/1", "no readable key"),
        ("https://a b@crash.example/1", "no readable key"),
        (f"https://{KEY}:a\nb@crash.example/1", "no readable key"),
        (f"https://{KEY}@/1", "no readable host"),
        (f"https://{KEY}@crash.example:port/1", "port that is no number"),
        (f"https://{KEY}@crash.example:70000/1", "port that is no number"),
        (f"https://{KEY}@crash.example:/1", "port that is no number"),
        (f"https://{KEY}@crash.example", "id of a project"),
        (f"https://{KEY}@crash.example/", "id of a project"),
        (f"https://{KEY}@crash.example/1?x=2", "id of a project"),
        (f"https://{KEY}@crash.example/a b/1", "path before the project"),
    ],
)
def test_what_is_no_dsn_is_refused_by_the_part_that_is_wrong(text, words):
    with pytest.raises(DsnError, match=words):
        Dsn.parse(text)


def test_a_refusal_never_repeats_a_secret():
    with pytest.raises(DsnError) as refused:
        Dsn.parse(f"https://{KEY}:topsecret@crash.example:x/1")
    assert "topsecret" not in str(refused.value)


@given(st.text())
def test_any_text_is_a_dsn_or_refused(text):
    try:
        dsn = Dsn.parse(text)
    except DsnError:
        return
    assert Dsn.parse(str(dsn)) == dsn


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z0-9]{1,32}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,20}(\.[a-z]{2,5})?", fullmatch=True),
    st.integers(1, 65535),
)
def test_what_is_built_is_read_back(scheme, key, host, port):
    dsn = Dsn(scheme, key, None, host, port, "", "1")
    assert Dsn.parse(str(dsn)) == dsn
