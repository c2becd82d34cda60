"""On PostgreSQL: where all nodes keep bodies, which a backup leaves out (`crashdesk.server.sharing`)."""

from typing import Any

from django.db import migrations


def make(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE TABLE shared_place (what text PRIMARY KEY, place text NOT NULL)")


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_retention'),
    ]

    operations = [migrations.RunPython(make)]
