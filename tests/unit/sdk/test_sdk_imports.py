"""What importing the SDK costs a product: the standard library, and little of it."""

import subprocess
import sys

FOREIGN = ("PySide6", "PyQt6", "sentry_sdk", "django", "requests", "sqlite_utils", "platformdirs")


def modules_after(program: str) -> list[str]:
    """Names of modules that the program brought, in a fresh interpreter."""
    wrapped = f"import sys; before = set(sys.modules)\n{program}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", wrapped], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_importing_the_sdk_brings_a_handful_of_modules_of_the_standard_library():
    brought = modules_after("import crashdesk.sdk")
    tops = {name.partition(".")[0] for name in brought} - {"crashdesk"}
    assert tops <= sys.stdlib_module_names
    assert len(brought) <= 30, brought


def test_init_brings_neither_toolkit_nor_network_nor_database_wrappers(tmp_path):
    init = f"import crashdesk.sdk as s; s.init('http://k@127.0.0.1:9/1', data_dir={str(tmp_path)!r}, agent='off')"
    brought = modules_after(init)
    assert [name for name in brought if name.partition(".")[0] in FOREIGN] == []
    assert {
        "asyncio",
        "multiprocessing",
        "concurrent.futures",
        "http.client",
        "socket",
        "ssl",
        "subprocess",
    }.isdisjoint(brought)
