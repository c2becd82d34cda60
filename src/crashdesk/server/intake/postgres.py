"""Opens PostgreSQL connections for the server's processes, and says in one sentence why that cannot be.

No message holds the address as it was given: there is a password in it.
"""

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from crashdesk.errors import StorageError, UsageError

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql://", "postgres://")
LEAST_VERSION = 15
CONNECT_SECONDS = 5
_PATIENCE = {  # a database that is cut off without a word is noticed within half a minute
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_LONGEST_REASON = 200


@cache
def library() -> ModuleType:
    """Return psycopg; raises UsageError where it is not installed."""
    try:
        import psycopg  # here, since SQLite needs none of it
    except ImportError as error:
        raise UsageError("PostgreSQL needs the package psycopg: install crashdesk[server,postgres].") from error
    return psycopg


def parameters(url: str) -> dict[str, Any]:
    """Return what `url` says as parameters of a connection; raises UsageError when it is no address of PostgreSQL."""
    if not url.startswith(SCHEMES):
        raise UsageError("A database is named like postgresql://user:password@host/name; without one SQLite is used.")
    try:
        found: dict[str, Any] = library().conninfo.conninfo_to_dict(url)
    except library().Error as error:
        raise UsageError(
            "The address of the database cannot be read: write it like postgresql://user:password@host/name,"
            " with special characters of the password as %XX."
        ) from error
    if not found.get("dbname"):
        raise UsageError("The address of the database names no database: write postgresql://user:password@host/name.")
    return {**_PATIENCE, **found}


def connect(url: str, part: str) -> "psycopg.Connection[Any]":
    """Open a connection that commits each statement by itself; `part` is how the database shows who we are.

    Raises StorageError when the database is away.
    """
    wanted = {**parameters(url), "application_name": f"crashdesk {part}", "autocommit": True}
    try:
        connection: psycopg.Connection[Any] = library().connect(**wanted)
    except library().Error as error:
        raise away(url, error) from error
    return connection


def away(url: str, error: Exception) -> StorageError:
    """Return the sentence about a database that does not answer or lets us not in."""
    found = parameters(url)
    where = found.get("host") or found.get("hostaddr") or "this machine"
    return StorageError(
        f"The database {found['dbname']} on {where} cannot be used ({reason_of(error)}):"
        " check that PostgreSQL runs there, and the address given with --database."
    )


def reason_of(error: Exception) -> str:
    """Return what the database said, on one line: of several attempts the last."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "failed: " in line or "FATAL" in line or "ERROR" in line] or lines
    text = telling[-1] if telling else type(error).__name__
    return text.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")[:_LONGEST_REASON]


def hear_out(connection: "psycopg.Connection[Any]") -> None:
    """Take whatever a connection that listens was told, without waiting; raises psycopg.OperationalError at its end.

    Psycopg's own ``notifies`` does not notice an end, which stays readable for ever.
    """
    connection.pgconn.consume_input()
    while connection.pgconn.notifies() is not None:
        """Whatever it says, the caller looks for itself."""


def check(url: str) -> None:
    """Raise StorageError unless the database answers, is new enough and keeps text as UTF-8."""
    connection = connect(url, "check")
    with connection:
        version = connection.info.server_version // 10_000
        encoding = connection.info.parameter_status("server_encoding")
    if version < LEAST_VERSION:
        raise StorageError(f"This is PostgreSQL {version}: Crashdesk needs {LEAST_VERSION} or later.")
    if encoding != "UTF8":
        raise StorageError(f"The database keeps text as {encoding}: make one with ENCODING 'UTF8' and name that.")
