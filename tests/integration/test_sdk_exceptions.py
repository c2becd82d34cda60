"""Exceptions nobody caught, in real host processes: each is in the outbox, and the host goes on as if alone."""

from pathlib import Path

import pytest

from support.hosts import DSN, Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_crash_in_the_first_millisecond_is_kept(host: Host):
    ended = host.run("raise ValueError('too early')")
    assert ended.status == 1
    assert "ValueError: too early" in ended.stderr
    assert host.only().report.title == "ValueError: too early"


def test_a_crash_names_hook_kind_and_release(host: Host):
    host.run("1 / 0")
    kept = host.only()
    assert kept.about["hook"] == "sys.excepthook"
    assert kept.about["kind"] == kept.report.kind == "python"
    assert kept.about["program_went_on"] is False
    assert kept.event["release"] == kept.report.release == "host@1.0"
    assert kept.exception["mechanism"] == {"type": "excepthook", "handled": False}


def test_the_envelope_carries_the_events_id_and_the_withdrawal_digest(host: Host):
    import hashlib

    host.run("1 / 0")
    kept = host.only()
    assert kept.envelope.event_id == kept.event["event_id"] == kept.report.event_id
    digest = hashlib.sha256(kept.report.withdrawal_secret.encode()).hexdigest()
    assert kept.envelope.headers["withdrawal_digest"] == kept.about["withdrawal_digest"] == digest
    assert not {"sent_at", "dsn"} & kept.envelope.headers.keys()


def test_a_hard_exit_right_after_the_hook_loses_nothing(host: Host):
    ended = host.run(
        """
        import os, sys
        ours = sys.excepthook
        def theirs(*args):
            ours(*args)
            os._exit(7)
        sys.excepthook = theirs
        raise KeyError('gone')
        """
    )
    assert ended.status == 7
    assert host.only().report.title == "KeyError: 'gone'"


def test_a_failing_thread_is_reported_once(host: Host):
    ended = host.run(
        """
        import threading
        def work():
            raise OSError('in a thread')
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """
    )
    assert ended.status == 0
    assert host.only().about["hook"] == "threading"
    assert host.only().about["program_went_on"] is True


def test_an_unraisable_error_is_reported(host: Host):
    host.run(
        """
        class Thing:
            def __del__(self):
                raise RuntimeError('in del')
        Thing()
        """
    )
    kept = host.only()
    assert kept.about["hook"] == "unraisable"
    assert kept.report.title == "RuntimeError: in del"


def test_a_task_nobody_awaited_is_reported(host: Host):
    host.run(
        """
        import asyncio, gc
        async def lost():
            raise LookupError('in a task')
        async def main():
            asyncio.create_task(lost())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gc.collect()
        asyncio.run(main())
        """
    )
    kept = host.only()
    assert kept.about["hook"] == "asyncio"
    assert "never retrieved" in kept.about["note"]


def test_a_failing_loop_callback_is_reported(host: Host):
    host.run(
        """
        import asyncio
        async def main():
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """
    )
    assert host.only().report.title == "ZeroDivisionError: division by zero"


def test_a_future_nobody_asked_is_reported(host: Host):
    host.run(
        """
        from concurrent.futures import ThreadPoolExecutor
        def work():
            raise ArithmeticError('in a pool')
        with ThreadPoolExecutor() as pool:
            pool.submit(work)
        """
    )
    assert host.only().about["hook"] == "future"
    assert host.only().functions[-1] == "work"


def test_a_future_that_is_kept_but_never_asked_is_reported_at_the_end(host: Host):
    host.run(
        """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor()
        kept = pool.submit(int, 'x')
        """
    )
    assert host.only().about["hook"] == "future"


@pytest.mark.parametrize(
    "question", ["kept.exception()", "wait([kept])[0].pop().exception()", "next(as_completed([kept])).exception()"]
)
def test_a_future_somebody_asked_is_not_reported(host: Host, question: str):
    host.run(
        f"""
        from concurrent.futures import ThreadPoolExecutor, as_completed, wait
        with ThreadPoolExecutor() as pool:
            kept = pool.submit(int, 'x')
            {question}
        """
    )
    assert host.reports() == []


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "import sys; sys.exit(3)", "raise SystemExit('bye')"])
def test_ends_by_wish_are_no_crashes(host: Host, end: str):
    host.run(end)
    assert host.reports() == []


def test_the_earlier_hook_is_called_after_ours(host: Host):
    ended = host.run(
        "1 / 0",
        begin=f"""
import sys
sys.excepthook = lambda *args: print('theirs', args[0].__name__)
import crashdesk.sdk as sdk
sdk.init({DSN!r}, data_dir={str(host.data)!r}, agent='off')
""",
    )
    assert ended.stdout == "theirs ZeroDivisionError\n"
    assert len(host.reports()) == 1


def test_a_hook_that_the_host_sets_later_without_chaining_is_noticed(host: Host):
    ended = host.run(
        """
        import sys
        sys.excepthook = lambda *args: print('only theirs')
        from PySide6.QtCore import QCoreApplication, QTimer
        app = QCoreApplication([])
        def fail():
            QTimer.singleShot(0, app.quit)
            1 / 0
        QTimer.singleShot(1500, fail)  # a beat of the event loop later, when the host's hook was noticed
        app.exec()
        """
    )
    assert ended.stdout == "only theirs\n"
    assert len(host.reports()) == 1


def test_an_exception_captured_by_hand_and_raised_again_is_one_report(host: Host):
    host.run(
        """
        try:
            1 / 0
        except ZeroDivisionError as error:
            print(sdk.capture_exception(error) == sdk.last_event_id())
            raise
        """
    )
    assert host.only().about["hook"] == "call"


def test_a_child_of_multiprocessing_is_reported(host: Host):
    host.run(
        """
        import multiprocessing
        def work():
            raise ValueError('in a child')
        child = multiprocessing.get_context('fork').Process(target=work)
        child.start()
        child.join()
        """
    )
    assert host.only().report.title == "ValueError: in a child"


def test_a_forked_child_keeps_its_report_and_leaves_the_parents_files(host: Host):
    ended = host.run(
        f"""
        import os, pathlib
        child = os.fork()
        if child == 0:
            sdk.capture_message('from the child')
            os._exit(0)
        os.waitpid(child, 0)
        print(len(list(pathlib.Path({str(host.data / "runs")!r}).glob('*.lock'))))
        sdk.capture_message('from the parent')
        """
    )
    assert ended.stdout == "1\n", ended.stderr
    assert [kept.report.title for kept in host.reports()] == ["from the child", "from the parent"]


def test_a_storm_of_equal_failures_is_reported_a_few_times_and_counted(host: Host):
    ended = host.run(
        """
        import sys, time
        def fail():
            raise ValueError('again')
        began = time.perf_counter()
        for number in range(10_000):
            try:
                fail()
            except ValueError:
                sys.excepthook(*sys.exc_info())
        print(time.perf_counter() - began < 20)
        """,
    )
    assert ended.stdout == "True\n"
    assert len(host.reports()) == 10
    assert host.drops() == {"repeated": 9990}


def test_the_report_is_made_without_sentry_sdk_where_it_is_missing(host: Host):
    (host.directory / "sentry_sdk.py").write_text("raise ImportError('not here')")
    ended = host.run(
        """
        def inner():
            raise ValueError('by hand')
        try:
            inner()
        except ValueError as error:
            raise KeyError('outer') from error
        """,
        env={"CRASHDESK_STRICT": "0"},
    )
    kept = host.only()
    assert "KeyError: 'outer'" in ended.stderr
    assert [value["type"] for value in kept.event["exception"]["values"]] == ["ValueError", "KeyError"]
    assert kept.event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "inner"
    assert kept.about["hook"] == "sys.excepthook"


def test_a_hook_of_the_hosts_own_without_chaining_silences_nothing(host: Host):
    ended = host.run("import sys\nsys.excepthook = lambda *args: print('only theirs')\n1 / 0")
    assert ended.stdout == "only theirs\n"
    assert host.only().about["program_went_on"] is False


def test_a_silencing_unraisable_hook_of_the_host_silences_nothing(host: Host):
    host.run(
        """
        import sys
        sys.unraisablehook = lambda args: None
        class Thing:
            def __del__(self):
                raise RuntimeError('in del')
        Thing()
        """
    )
    assert host.only().about["hook"] == "unraisable"


def test_pyqt_still_ends_the_program_as_it_would_have_without_us(host: Host):
    package = host.directory / "PyQt6"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "QtCore.py").write_text(
        """
def qInstallMessageHandler(handler):
    return None
class QObject: pass
class QEvent:
    class Type:
        User = 1000
    def __init__(self, kind): pass
class QCoreApplication:
    @staticmethod
    def instance(): return None
    @staticmethod
    def postEvent(receiver, event): pass
"""
    )
    ended = host.run(
        """
        import sys
        import PyQt6.QtCore
        def slot():
            try:
                1 / 0
            except ZeroDivisionError:
                sys.excepthook(*sys.exc_info())
            print("never")
        slot()
        """
    )
    assert ended.status == -6
    assert ended.stdout == ""
    assert "ZeroDivisionError" in ended.stderr
    assert host.only().about["program_went_on"] is False
    host.run("pass")
    assert len(host.reports()) == 1
