"""What PostgreSQL has besides the models: the intake that all nodes share, and events in partitions by time.

A unique key cannot span partitions: that an event is stored once is seen to by the processor, which holds its project's
lock while it looks and stores. See assets/decisions/0004.
"""

from typing import Any

from django.db import migrations

_INTAKE = """
CREATE TABLE intake (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL,
    key_id bigint NOT NULL,
    received_at double precision NOT NULL,
    envelope_id text,
    encoding text NOT NULL,
    route text NOT NULL,
    remote text NOT NULL,
    body bytea NOT NULL,
    content_type text NOT NULL,
    items text NOT NULL,
    body_file text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
"""
_BODIES_AS_THEY_ARE = "ALTER TABLE intake ALTER COLUMN body SET STORAGE EXTERNAL"  # they are compressed already
_LARGE = "CREATE INDEX intake_large ON intake (body_file) WHERE body_file <> ''"
_MARKER = "CREATE TABLE intake_marker (source text PRIMARY KEY, position bigint NOT NULL, moved bigint NOT NULL)"


def make(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for statement in (_INTAKE, _BODIES_AS_THEY_ARE, _LARGE, _MARKER):
        schema_editor.execute(statement)
    _partition(schema_editor)


def _partition(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'events_event'"
            " AND indexname <> 'events_event_pkey' ORDER BY indexname"
        )
        indexes = [text.replace("CREATE UNIQUE INDEX", "CREATE INDEX") for (text,) in cursor.fetchall()]
    for statement in (
        "ALTER TABLE events_event RENAME TO events_event_whole",
        "CREATE TABLE events_event (LIKE events_event_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        " PARTITION BY RANGE (id)",
        "CREATE TABLE events_event_default PARTITION OF events_event DEFAULT",
        "INSERT INTO events_event SELECT * FROM events_event_whole",
        "DROP TABLE events_event_whole",
        "ALTER TABLE events_event ADD CONSTRAINT events_event_pkey PRIMARY KEY (project_id, id)",
        *indexes,
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_kept_items_and_second_tries"),
    ]

    operations = [migrations.RunPython(make)]
