import subprocess
import sys

from crashdesk import sqlite_library


def test_wal_is_trusted_from_3_51_3_on():
    assert not sqlite_library.is_wal_safe((3, 40, 1))
    assert not sqlite_library.is_wal_safe((3, 51, 2))
    assert sqlite_library.is_wal_safe((3, 51, 3))


def test_the_host_keeps_its_own_sqlite3():
    code = "import sqlite3, sys; from crashdesk import sqlite_library; sqlite_library.library(); "
    code += "assert sys.modules['sqlite3'] is sqlite3; assert sqlite3.__name__ == 'sqlite3'"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_newer_package_pythons_own_library_is_taken(monkeypatch):
    for name in ("pysqlite3", "pysqlite3.dbapi2"):
        monkeypatch.setitem(sys.modules, name, None)
    assert sqlite_library.library.__wrapped__() is sqlite_library.sqlite3
