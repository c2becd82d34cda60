"""The SDK inside a Qt program: comes when the loop runs, sees what goes wrong there, and leaves without a trace."""

from pathlib import Path

import pytest

from support.hosts import DSN, Host

LOOP = '''
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton
def run(*steps):
    """Run the loop, take the steps one after the other as (milliseconds before it, what to do), and end."""
    def go(rest):
        (wait, do), *later = rest
        def step():
            if later:
                QTimer.singleShot(0, lambda: go(later))
            do()
        QTimer.singleShot(wait, step)
    go([*steps, (200, app.quit)])
    return app.exec()
'''
APP = LOOP + "app = QApplication([])\n"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def begin(host: Host) -> str:
    return f"import crashdesk.sdk as sdk\nsdk.init({DSN!r}, data_dir={str(host.data)!r}, agent='off')\n"


@pytest.mark.parametrize("order", ["before the toolkit is imported", "before the application", "with the application"])
def test_the_trail_begins_whenever_init_is_called(host: Host, order: str):
    start = begin(host)
    program = {
        "before the toolkit is imported": start + APP,
        "before the application": LOOP + start + "app = QApplication([])\n",
        "with the application": APP + start,
    }[order]
    host.run(
        program
        + """
window = QMainWindow(objectName="main")
window.show()
run((200, lambda: 1 / 0))
""",
        begin="",
    )
    assert "Window main is open" in host.only().trail
    assert host.only().event["contexts"]["qt"]["binding"] == "PySide6"


def test_init_in_a_worker_while_the_window_is_open(host: Host):
    ended = host.run(
        APP
        + f"""
import threading
window = QMainWindow(objectName="main")
window.show()
def start():
    import crashdesk.sdk as sdk
    sdk.init({DSN!r}, data_dir={str(host.data)!r}, agent='off')
worker = threading.Thread(target=start)
print(run((10, worker.start), (0, worker.join), (300, lambda: 1 / 0)))
""",
        begin="",
    )
    assert ended.stdout == "0\n", ended.stderr
    assert "Window main is open" in host.only().trail


def test_close_in_a_worker_leaves_the_window_alone(host: Host):
    ended = host.run(
        APP
        + """
import threading
window = QMainWindow()
window.show()
worker = threading.Thread(target=sdk.close)
print(run((200, worker.start), (100, worker.join), (100, lambda: print("alive", sdk.capture_message("x")))))
"""
    )
    assert ended.stdout == "alive None\n0\n"
    assert "another thread" not in ended.stderr
    assert host.reports() == []


def test_a_second_run_of_the_loop_is_watched_too(host: Host):
    host.run(
        APP
        + """
window = QMainWindow(objectName="main")
button = QPushButton("Fail", window)
button.clicked.connect(lambda: 1 / 0)
window.show()
run()
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
run((200, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton)))
"""
    )
    assert host.only().trail[-1] == "Clicked Fail"


def test_an_exception_in_a_slot_leaves_the_loop_running(host: Host):
    ended = host.run(APP + "print(run((50, lambda: 1 / 0), (30, lambda: print('on'))))")
    assert ended.stdout == "on\n0\n"
    assert host.only().about["program_went_on"] is True
    assert host.only().event["level"] == "error"


def test_the_words_of_qt_are_taken_from_the_message(host: Host):
    host.run(
        APP
        + """
from PySide6.QtWidgets import QWidget
class Drawing(QWidget):
    def paintEvent(self, event):
        raise RuntimeError("no colours")
drawing = Drawing()
drawing.show()
run((100, drawing.grab))
"""
    )
    assert {kept.report.title for kept in host.reports()} == {"RuntimeError: no colours"}
    assert len({kept.report.likeness for kept in host.reports()}) <= 2


def test_a_failure_in_a_worker_of_qt_is_reported(host: Host):
    host.run(
        APP
        + """
from PySide6.QtCore import QThread
class Worker(QThread):
    def run(self):
        raise ValueError("in a worker")
worker = Worker()
QTimer.singleShot(50, worker.start)
run()
worker.wait()
"""
    )
    assert host.only().report.title == "ValueError: in a worker"
    assert "gui" not in host.only().event["contexts"]
    assert host.only().about["program_went_on"] is True, "only the worker has ended"


def test_after_the_first_window_sentry_sdk_is_there_without_a_wait(host: Host):
    ended = host.run(
        APP
        + """
import sys
window = QMainWindow()
window.show()
clock = QTimer()
clock.timeout.connect(lambda: "sentry_sdk" in sys.modules and (print("there"), app.quit()))
clock.start(50)
app.exec()
"""
    )
    assert ended.stdout == "there\n"


def test_the_end_of_the_program_is_quiet(host: Host):
    ended = host.run(APP + "window = QMainWindow()\nwindow.show()\nrun()")
    assert ended.status == 0
    assert [line for line in ended.stderr.splitlines() if "This plugin does not support" not in line] == []


def test_close_before_the_loop_runs_keeps_us_out_of_it(host: Host):
    ended = host.run(
        APP
        + """
import faulthandler
sdk.close()
print(run((300, lambda: print(faulthandler.is_enabled()))))
"""
    )
    assert ended.stdout == "False\n0\n"
    assert list((host.data / "runs").iterdir()) == []
