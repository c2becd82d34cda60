"""Sockets: bound before anything else, with one clear sentence when that cannot be."""

import socket

import pytest

from crashdesk.errors import CrashdeskError, UsageError
from crashdesk.server.supervisor import listening


def test_a_free_port_is_listened_on():
    with listening.listen("127.0.0.1", 0) as listener:
        socket.create_connection(listener.getsockname()).close()


def test_a_port_in_use_is_said_with_the_way_out():
    with listening.loopback() as taken, pytest.raises(CrashdeskError, match=r"another program listens there.*--port"):
        listening.listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["no such host", "256.1.1.1", "crashdesk.invalid"])
def test_a_host_that_is_none_is_said(host):
    with pytest.raises(UsageError, match=r"no address of this machine.*--host"):
        listening.listen(host, 0)


def test_an_address_of_another_machine_is_said():
    with pytest.raises(CrashdeskError, match=r"no such address.*--host"):
        listening.listen("192.0.2.1", 0)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_said(port):
    with pytest.raises(UsageError, match="no port"):
        listening.listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104 - everywhere is a choice that people have
def test_the_printed_address_is_one_that_works(host):
    with listening.listen(host, 0) as listener:
        assert listening.address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
