"""A migration's way to tables whose rows lie in the order of their key: on SQLite half the disk and half the writes.

SQLite keeps rows by a number of its own and the key in an index beside them, unless a table is made WITHOUT ROWID.
PostgreSQL has no such tables: there it is an ordinary one. A later change of such a table by Django's own operations
would make it anew with row numbers: correct, but larger.
"""

from typing import Any

from django.db import migrations


class CreateClustered(migrations.CreateModel):
    """Creates a table of counters or sets that is read and written by its key."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        statement, parameters = schema_editor.table_sql(model)
        schema_editor.execute(f"{statement} WITHOUT ROWID", parameters or None)
        schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))  # noqa: SLF001 - as create_model does
