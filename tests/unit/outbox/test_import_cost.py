import subprocess
import sys

HEAVY = {"sqlite_utils", "requests", "platformdirs", "asyncio", "sentry_sdk", "PySide6", "django", "truststore"}


def test_the_product_gets_the_standard_library_only():
    code = (
        "import sys; import crashdesk.outbox.store, crashdesk.outbox.notices, crashdesk.outbox.crash_files;"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
