"""The outbox's tables and their upgrades: one step a version, each in the transaction that raises `user_version`."""

from typing import Any

from crashdesk.errors import StorageError

# An envelope stands apart from its row, so that a change of state does not rewrite megabytes.
_FIRST = """
CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  category TEXT NOT NULL,
  title TEXT NOT NULL,
  likeness TEXT NOT NULL,
  product TEXT NOT NULL,
  release TEXT NOT NULL,
  dsn TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at REAL NOT NULL,
  size_bytes INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  changed_at REAL NOT NULL,
  next_at REAL,
  approved_at REAL,
  sent_at REAL,
  reason TEXT,
  withdrawal_secret TEXT
);
CREATE INDEX reports_by_state ON reports (state, created_at);
CREATE TABLE envelopes (
  report_id INTEGER PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
  body BLOB NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL, changed_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, quantity INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE drops (
  dsn TEXT NOT NULL,
  reason TEXT NOT NULL,
  category TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  reported INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (dsn, reason, category)
) WITHOUT ROWID;
CREATE TABLE notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  payload TEXT NOT NULL,
  posted_at REAL NOT NULL
);
"""

STEPS: tuple[str, ...] = (_FIRST,)
SCHEMA_VERSION = len(STEPS)


def version(connection: Any) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def upgrade(connection: Any) -> None:
    """Bring the file to this program's version; refuse one that a newer program has written."""
    found = version(connection)
    if found == SCHEMA_VERSION:
        return
    if found > SCHEMA_VERSION:
        raise StorageError(
            f"The outbox was written by a newer Crashdesk (format {found}, this one knows {SCHEMA_VERSION}): "
            "update this program."
        )
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version(connection), SCHEMA_VERSION):  # another process may have been faster
            for statement in filter(str.strip, STEPS[number].split(";\n")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
