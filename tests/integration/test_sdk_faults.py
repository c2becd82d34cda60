"""Native crashes and hangs in real Qt hosts: found at the next start, or told when the program recovers."""

from pathlib import Path

import pytest

from support.hosts import Host

WINDOW = """
import ctypes, os, signal, time
from PySide6.QtCore import QTimer, qCritical, qFatal
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow
app = QApplication([])
window = QMainWindow(objectName="main")
window.show()
def later(milliseconds, function):
    QTimer.singleShot(milliseconds, function)
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_native_crash_is_found_at_the_next_start(host: Host):
    ended = host.run(
        WINDOW
        + """
def crash():
    sdk.set_tag("document", "open")
    ctypes.string_at(0)
later(100, crash)
app.exec()
"""
    )
    assert ended.status == -11
    assert host.reports() == []
    host.run("pass")
    kept = host.only()
    assert kept.report.kind == kept.about["kind"] == "native"
    assert kept.report.title.startswith("SIGSEGV: Segmentation fault in crash")
    assert kept.functions[-2:] == ["crash", "string_at"]
    assert kept.exception["mechanism"]["type"] == "faulthandler"
    assert kept.exception["mechanism"]["handled"] is False
    assert "Window main is open" in kept.trail
    assert kept.event["contexts"]["qt"]["binding"] == "PySide6"
    assert kept.event["release"] == "host@1.0"


def test_the_next_run_knows_how_the_last_one_ended(host: Host):
    host.run("import ctypes; ctypes.string_at(0)")
    host.run("sdk.capture_message('after')")
    assert host.reports()[-1].event["tags"]["previous_exit"] == "native"


def test_a_crash_is_told_once_even_if_its_files_stay(host: Host):
    host.run("import ctypes; ctypes.string_at(0)")
    runs = {path: path.read_bytes() for path in (host.data / "runs").rglob("*") if path.is_file()}
    host.run("pass")
    for path, content in runs.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    host.run("pass")
    assert len(host.reports()) == 1


def test_the_words_before_an_abort_are_in_the_title(host: Host):
    host.run(WINDOW + "later(50, lambda: qFatal('no more handles'))\napp.exec()")
    host.run("pass")
    assert host.only().report.title.startswith("SIGABRT: Aborted in <lambda>")
    assert any("no more handles" in words for words in host.only().trail)


def test_a_hang_that_ends_is_reported_with_its_stack_and_duration(host: Host):
    ended = host.run(
        WINDOW
        + """
def search():
    time.sleep(2.2)
later(600, search)
later(4000, app.quit)
app.exec()
""",
        hang_seconds=1.0,
    )
    assert ended.status == 0, ended.stderr
    kept = host.only()
    assert kept.report.kind == "hang"
    assert kept.functions[-1] == "search"
    assert 2.0 < kept.about["hang_seconds"] < 4.0
    assert kept.about["program_went_on"] is True


def test_a_hang_inside_one_c_call_is_seen_too(host: Host):
    host.run(
        WINDOW
        + """
import re
def search():
    re.match(r"(a+)+$", "a" * 26 + "b")
later(600, search)
later(9000, app.quit)
app.exec()
""",
        hang_seconds=1.0,
    )
    assert "search" in host.reports()[0].functions


def test_a_hang_that_is_killed_is_found_at_the_next_start(host: Host):
    host.run(
        WINDOW
        + """
import threading
threading.Timer(3, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
later(300, lambda: time.sleep(60))
app.exec()
""",
        hang_seconds=1.0,
    )
    host.run("pass")
    assert host.only().report.kind == "hang"
    assert host.only().about["program_went_on"] is False


def test_an_idle_window_is_no_hang(host: Host):
    host.run(WINDOW + "later(2500, app.quit)\napp.exec()\ntime.sleep(2)", hang_seconds=1.0)
    assert host.reports() == []


def test_a_kill_without_a_trace_is_no_crash_but_remembered(host: Host):
    host.run("import os; os._exit(1)")
    host.run("sdk.capture_message('after')")
    assert host.only().event["tags"]["previous_exit"] == "abnormal"


def test_a_clean_end_leaves_no_run_files(host: Host):
    host.run(WINDOW + "later(100, app.quit)\napp.exec()")
    assert list((host.data / "runs").iterdir()) == []


def test_after_a_refusal_a_dead_run_is_forgotten(host: Host):
    host.run("import ctypes; ctypes.string_at(0)")
    host.set_fact("consent", "refused")
    host.run("pass")
    assert host.reports() == []
    assert list((host.data / "runs").iterdir()) == []


def test_two_starts_at_once_tell_one_crash_once(host: Host):
    host.run("import ctypes; ctypes.string_at(0)")
    start = f"import crashdesk.sdk as s; s.init('http://k@127.0.0.1:9/1', data_dir={str(host.data)!r}, agent='off')"
    host.run(
        f"""
        import subprocess, sys
        for started in [subprocess.Popen([sys.executable, "-c", {start!r}]) for _ in range(4)]:
            started.wait()
        """,
        begin="",
    )
    assert len(host.reports()) == 1
