"""Reading what faulthandler wrote."""

from crashdesk.sdk.hooks.fault_text import FaultFrame, parse

CRASH = """Fatal Python error: Segmentation fault

Thread 0x00007f0000000001 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait
  File "/app/worker.py", line 8 in run

Current thread 0x00007f0000000002 (most recent call first):
  File "/app/model.py", line 31 in parent
  File "/app/main.py", line 5 in <module>

Extension modules: PySide6.QtCore (total: 1)
"""

HANG = """Timeout (0:00:05)!
Thread 0x00007f0000000003 (most recent call first):
  File "/app/worker.py", line 8 in run

Thread 0x00007f0000000004 (most recent call first):
  File "/app/search.py", line 12 in search_all
  File "/app/main.py", line 5 in <module>
"""


def test_a_crash_blames_the_current_thread():
    fault = parse(CRASH)
    assert fault is not None
    assert (fault.kind, fault.signal, fault.message) == ("native", "SIGSEGV", "Segmentation fault")
    assert fault.main_thread.frames == (
        FaultFrame("/app/main.py", 5, "<module>"),
        FaultFrame("/app/model.py", 31, "parent"),
    )
    assert len(fault.threads) == 2


def test_a_hang_blames_the_first_thread_of_the_program():
    fault = parse(HANG)
    assert fault is not None
    assert (fault.kind, fault.signal) == ("hang", None)
    assert fault.main_thread.frames[-1].function == "search_all"


def test_a_crash_after_a_hang_is_the_crash():
    fault = parse(HANG + CRASH)
    assert fault.kind == "native"
    assert len(fault.threads) == 2


def test_of_two_hangs_the_last_one_counts():
    fault = parse(HANG + HANG.replace("search_all", "save"))
    assert fault.main_thread.frames[-1].function == "save"
    assert len(fault.threads) == 2


def test_other_fatal_errors_are_named():
    fault = parse("Fatal Python error: none_dealloc: deallocating None\nPython runtime state: initialized\n")
    assert (fault.signal, fault.message) == ("Fatal Python error", "none_dealloc: deallocating None")
    assert fault.main_thread is None


def test_names_of_threads_and_unknown_places_are_read():
    text = CRASH.replace("0x00007f0000000001 (", "0x00007f0000000001 [worker-1] (").replace(
        'File "/app/model.py", line 31', "File ???, line ???"
    )
    fault = parse(text)
    assert len(fault.threads) == 2
    assert fault.main_thread.frames[-1] == FaultFrame("???", None, "parent")


def test_windows_exceptions_are_read():
    assert parse(
        CRASH.replace("Fatal Python error: Segmentation fault", "Windows fatal exception: access violation")
    ).message == ("access violation")


def test_an_empty_or_strange_text_tells_nothing():
    assert parse("") is None
    assert parse('hello\n  File "x", line 3 in y') is None


def test_a_torn_text_is_read_as_far_as_it_goes():
    fault = parse(CRASH[:200])
    assert fault.signal == "SIGSEGV"
