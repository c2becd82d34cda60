"""``crashdesk doctor``: looks at this machine and says what works, what is missing, and what to do about it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from crashdesk import __version__, settings, sqlite_library
from crashdesk.cli.extras import EXTRAS, install_line, missing_libraries

NAME = "doctor"
HELP = "Look at this machine: Python, SQLite, Qt, display, installed parts; say what to mend and how."

OK, NOTE, WARNING, ERROR = "ok", "note", "warning", "error"

BROKEN_QT_ON_311 = (6, 12)  # takes a reference from None with every void call; harmless from Python 3.12 on


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: str
    found: str
    advice: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the findings; the status is 1 when one of them is an error."""
    checks = list(findings())
    well = all(check.state != ERROR for check in checks)
    if args.json:
        print(json.dumps({"version": __version__, "ok": well, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _print(checks, well)
    return 0 if well else 1


def findings() -> Iterator[Check]:
    """Look at everything, one finding after the other."""
    yield check_python(sys.version_info[:3])
    library = sqlite_library.library()
    yield check_sqlite(library.__name__.partition(".")[0], library.sqlite_version_info)
    yield check_qt(_version_of("PySide6_Essentials"), sys.version_info[:2])
    yield check_display(sys.platform, settings.environment)
    for extra in EXTRAS:
        yield check_extra(extra, missing_libraries(extra))
    yield check_postgres(_version_of("psycopg"), _failure_of("psycopg"))
    yield check_object_store(_version_of("obstore"))


def check_python(found: tuple[int, ...]) -> Check:
    if found < (3, 11):
        return Check("Python", ERROR, _dotted(found), "Crashdesk needs Python 3.11 or newer.")
    return Check("Python", OK, _dotted(found))


def check_sqlite(library: str, found: tuple[int, ...]) -> Check:
    """Say whether the SQLite library may be trusted with a write-ahead log."""
    text = f"{_dotted(found)} ({library})"
    if sqlite_library.is_wal_safe(found):
        return Check("SQLite", OK, text)
    advice = (
        f"Before {_dotted(sqlite_library.WAL_SAFE_SINCE)} a write-ahead log can damage the database, so a slower "
        "rollback journal is used. Run: pip install pysqlite3"
    )
    return Check("SQLite", WARNING, text, advice)


def check_qt(found: str | None, python: tuple[int, ...]) -> Check:
    """Say whether PySide6 is there for the windows, and whether it is the one that ends programs on Python 3.11."""
    if found is None:
        return Check("PySide6", NOTE, "not installed", f"Only windows need it. Run: {install_line('agent')}")
    if _numbers(found)[:2] >= BROKEN_QT_ON_311 and python < (3, 12):
        advice = "From 6.12 on it ends programs on Python 3.11. Run: pip install 'PySide6-Essentials<6.12'"
        return Check("PySide6", ERROR, found, advice)
    return Check("PySide6", OK, found)


def check_display(platform: str, environment: Callable[[str], str | None]) -> Check:
    """Say where windows would open."""
    if platform in {"win32", "darwin"}:
        return Check("Display", OK, "the desktop of this session")
    for variable in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM"):
        value = environment(variable)
        if value:
            return Check("Display", OK, f"{variable}={value}")
    return Check("Display", NOTE, "none", "Windows cannot open; the agent runs headless: crashdesk agent --headless")


def check_extra(extra: str, missing: list[str]) -> Check:
    if not missing:
        return Check(f"Extra {extra}", OK, "installed")
    return Check(f"Extra {extra}", NOTE, f"without {', '.join(missing)}", f"When you need it: {install_line(extra)}")


def check_postgres(found: str | None, failure: str) -> Check:
    """Say whether a server here can keep its tables in PostgreSQL."""
    if found is None:
        return Check(
            "PostgreSQL", NOTE, "no psycopg: a server uses SQLite", f"When you need it: {install_line('postgres')}"
        )
    if failure:
        advice = f"Its library libpq is missing. Run: {install_line('postgres')}"
        return Check("PostgreSQL", ERROR, f"psycopg {found} cannot be loaded ({failure})", advice)
    return Check("PostgreSQL", OK, f"psycopg {found}")


def check_object_store(found: str | None) -> Check:
    """Say whether a server here can keep bodies in an object store."""
    if found is None:
        advice = f"When you need it: {install_line('server')}"
        return Check("Object store", NOTE, "no obstore: a server keeps bodies in its directory", advice)
    return Check("Object store", OK, f"obstore {found}")


def _failure_of(module: str) -> str:
    """Return in one line why an installed library cannot be loaded; empty when it can, or is not there."""
    if find_spec(module) is None:
        return ""
    try:
        import_module(module)
    except ImportError as error:
        return str(error).partition("\n")[0]
    return ""


def _version_of(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


def _print(checks: list[Check], well: bool) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{check.state:<8} {check.name:<{width}}  {check.found}")
        if check.advice:
            print(f"{'':<8} {'':<{width}}  {check.advice}")
    print(f"\nCrashdesk {__version__}: {'ready' if well else 'mend the errors above first'}.")
