"""Trouble with the outbox: the host goes on, one warning is logged, and afterwards it works without a restart."""

import os
from pathlib import Path

import pytest

from support.hosts import Host

NOT_STRICT = {"CRASHDESK_STRICT": "0"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_data_directory_that_is_a_file_harms_nobody(host: Host):
    host.data.write_text("in the way")
    ended = host.run("print('before')\nsdk.capture_message('x')\n1 / 0", env=NOT_STRICT)
    assert ended.stdout == "before\n"
    assert ended.status == 1
    assert "ZeroDivisionError" in ended.stderr
    assert ended.stderr.count("cannot be used") == 1


def test_a_link_in_place_of_the_directory_is_refused(host: Host):
    elsewhere = host.directory / "elsewhere"
    elsewhere.mkdir()
    host.data.symlink_to(elsewhere)
    ended = host.run("sdk.capture_message('x')", env=NOT_STRICT)
    assert ended.status == 0
    assert list(elsewhere.iterdir()) == []


def test_reports_wait_in_memory_until_the_directory_can_be_used(host: Host):
    host.data.write_text("in the way")
    host.run(
        f"""
        import os, time
        sdk.capture_message('early')
        os.remove({str(host.data)!r})
        from crashdesk.sdk import keeping
        keeping.TRY_AGAIN_SECONDS = 0.0
        time.sleep(0.01)
        print(sdk.flush())
        """,
        env=NOT_STRICT,
    )
    assert host.only().report.title == "early"


def test_a_full_disk_harms_nobody(host: Host):
    ended = host.run(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        for number in range(5):
            sdk.capture_message(f"message {number}")
        print("went on")
        """,
        env=NOT_STRICT,
    )
    assert ended.stdout == "went on\n"
    assert ended.status == 0


def test_a_damaged_outbox_is_set_aside_and_a_new_one_begun(host: Host):
    host.run("sdk.capture_message('first')")
    (host.data / "outbox.sqlite").write_bytes(b"no database" * 1000)
    for rest in host.data.glob("outbox.sqlite-*"):
        rest.unlink()
    host.run("sdk.capture_message('second')", env=NOT_STRICT)
    assert host.only().report.title == "second"
    assert list(host.data.glob("outbox.damaged-*"))


def test_directory_and_files_are_private_whatever_the_umask(host: Host):
    host.run("import os\nsdk.capture_message('x')\nsdk.add_breadcrumb('y')\nos._exit(0)", env={"UMASK": "0"})
    modes = {path.name: path.stat().st_mode & 0o777 for path in [host.data, *host.data.rglob("*")]}
    assert {mode for name, mode in modes.items() if (host.data / name).is_file()} <= {0o600}
    assert oct(modes["data"]) == oct(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a directory of somebody else")
def test_a_directory_of_another_user_is_refused(host: Host):
    host.data.mkdir()
    os.chown(host.data, 12345, 12345)
    ended = host.run("sdk.capture_message('x')", env=NOT_STRICT)
    assert ended.status == 0
    assert "another user" in ended.stderr
    assert list(host.data.iterdir()) == []
