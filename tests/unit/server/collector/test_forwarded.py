"""Who sent a request behind proxies: what they wrote is believed, what a stranger wrote is not."""

import pytest

from crashdesk import settings
from crashdesk.server.collector.forwarded import Sender, sender_of

PEER = Sender("10.0.0.1", "http")


def trust(text: str):
    return settings._BY_NAME["trust_forwarded"].parse(text)


def address(header: str, trusted: str, peer: Sender = PEER) -> str:
    return sender_of(peer, {b"x-forwarded-for": header.encode()}, trust(trusted)).address


@pytest.mark.parametrize(
    ("trusted", "header", "sender"),
    [
        ("off", "198.51.100.7", "10.0.0.1"),
        ("on", "198.51.100.7", "198.51.100.7"),
        ("on", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("2", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("2", "198.51.100.7", "198.51.100.7"),
        ("1", "", "10.0.0.1"),
        ("1", "rubbish", "10.0.0.1"),
        ("1", "6.6.6.6, rubbish, 198.51.100.7", "198.51.100.7"),
        ("3", "6.6.6.6, rubbish, 198.51.100.7", "198.51.100.7"),
        ("1", "198.51.100.7:4711", "198.51.100.7"),
        ("1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.0/8", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1, 10.0.0.2", "10.9.9.9, 10.0.0.2", "10.9.9.9"),
        ("10.0.0.0/8", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("192.0.2.0/24", "198.51.100.7", "10.0.0.1"),
    ],
)  # fmt: skip
def test_the_sender_is_the_rightmost_address_that_none_of_ours_has(trusted, header, sender):
    assert address(header, trusted) == sender


def test_scheme_and_host_are_believed_from_a_proxy_of_ours_only():
    headers = {b"x-forwarded-proto": b"http, https", b"x-forwarded-host": b"evil, crashes.example"}
    assert sender_of(PEER, headers, 1) == Sender("10.0.0.1", "https", b"crashes.example")
    assert sender_of(PEER, headers, trust("192.0.2.7")) == PEER
    assert sender_of(PEER, headers, 0) == PEER


@pytest.mark.parametrize("text", ["maybe", "10.0.0.0/99", "-1"])
def test_a_setting_that_names_no_proxies_is_said(text):
    with pytest.raises(ValueError, match=r"appear to be|maybe"):
        trust(text)
