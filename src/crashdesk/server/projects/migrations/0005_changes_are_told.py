"""PostgreSQL tells the collectors when keys or what their projects allow have changed; SQLite is asked."""

from typing import Any

from django.db import migrations

_TABLES = ("projects_projectkey", "projects_project", "projects_projectquota")
_FUNCTION = """
CREATE OR REPLACE FUNCTION crashdesk_keys_changed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('crashdesk_keys', ''); RETURN NULL; END $$
"""
_TRIGGER = """
CREATE TRIGGER crashdesk_keys_changed AFTER INSERT OR DELETE OR UPDATE {columns} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION crashdesk_keys_changed()
"""


def tell(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(_FUNCTION)
    for table in _TABLES:  # of a project the collector does not care for the number of its last issue
        columns = "OF has_spike_protection, kept_items" if table == "projects_project" else ""
        schema_editor.execute(_TRIGGER.format(table=table, columns=columns))


def be_silent(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS crashdesk_keys_changed() CASCADE")


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_shared_facts"),
    ]

    operations = [migrations.RunPython(tell, be_silent)]
