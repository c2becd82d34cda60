import threading

import shiboken6
from PySide6.QtCore import QObject

from crashdesk.agent.ui.background import Background
from crashdesk.errors import StorageError


def test_work_is_done_elsewhere_and_the_answer_comes_back_here(qtbot, background: Background) -> None:
    threads: list[threading.Thread] = []
    background.ask(threading.current_thread, lambda worker: threads.extend([worker, threading.current_thread()]))
    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_what_is_asked_first_is_done_first(qtbot, background: Background) -> None:
    done: list[int] = []
    for number in range(20):
        background.ask(lambda number=number: number, done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))


def test_error_is_told_to_the_asker_in_its_own_words(qtbot, background: Background) -> None:
    told: list[str] = []

    def fail() -> None:
        raise StorageError("The disk is full.")

    background.ask(fail, otherwise=told.append)
    qtbot.waitUntil(lambda: told == ["The disk is full."])


def test_surprise_is_logged_and_the_thread_goes_on(qtbot, background: Background, expected_logs) -> None:
    expected_logs("the background thread met an error")
    told: list[object] = []
    background.ask(lambda: {}["nothing"], otherwise=told.append)
    background.ask(lambda: 1, told.append)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == 1


def test_answer_for_a_window_that_is_gone_is_not_delivered(qtbot, background: Background) -> None:
    owner, told = QObject(), []
    background.ask(lambda: 1, told.append, owner=owner)
    background.ask(lambda: 2, told.append)
    shiboken6.delete(owner)
    qtbot.waitUntil(lambda: told == [2])


def test_error_that_nobody_hears_is_logged(qtbot, background: Background, expected_logs) -> None:
    expected_logs("The disk is full")

    def fail() -> None:
        raise StorageError("The disk is full.")

    background.ask(fail)
    qtbot.waitUntil(lambda: not background.is_busy)
