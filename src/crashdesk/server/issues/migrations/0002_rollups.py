"""Rollups by hour, release, environment and issue; sets of users by day; tags of the whole project; compact tables."""

from typing import Any

from django.db import migrations, models
from django.db.models import CompositePrimaryKey as Key

from crashdesk.server.events.clustering import CreateClustered

MOST_VALUES = 1000


def _key(*names: str) -> tuple[str, Key]:
    return ("pk", Key(*names, blank=True, editable=False, primary_key=True, serialize=False))


def carry_over(_apps: Any, schema_editor: Any) -> None:
    """Take over what earlier versions counted: without a release, as their hours knew none."""

    def run(statement: str) -> None:
        schema_editor.execute(statement, None)  # None: a percent sign means itself

    hour = {
        "sqlite": "CAST(strftime('%s', hour) AS INTEGER) / 3600",
        "postgresql": "CAST(extract(epoch FROM hour) AS bigint) / 3600",
    }[schema_editor.connection.vendor]
    run("INSERT INTO issues_issuetag SELECT project_id, issue_id, key, value, count FROM issues_formertag")
    run(
        "INSERT INTO issues_issueuser (project_id, issue_id, user_digest, first_day, last_day)"
        " SELECT project_id, issue_id, user_digest, 0, 0 FROM issues_formeruser"
    )
    run(
        "INSERT INTO issues_issuehour (project_id, issue_id, hour, origin_id, count)"
        f" SELECT project_id, issue_id, {hour}, 0, sum(count) FROM issues_formerhour GROUP BY 1, 2, 3"
    )
    run(
        "INSERT INTO issues_projecthour (project_id, hour, origin_id, count)"
        " SELECT project_id, hour, 0, sum(count) FROM issues_issuehour GROUP BY 1, 2"
    )
    run(
        "INSERT INTO issues_projecttag (project_id, key, value, count)"
        " SELECT project_id, key, '', sum(count) FROM issues_issuetag GROUP BY 1, 2"
    )
    run(
        "INSERT INTO issues_projecttag (project_id, key, value, count) SELECT project_id, key, value, total FROM ("
        " SELECT project_id, key, value, sum(count) AS total,"
        " row_number() OVER (PARTITION BY project_id, key ORDER BY sum(count) DESC) AS place"
        f" FROM issues_issuetag GROUP BY 1, 2, 3) AS summed WHERE place <= {MOST_VALUES}"
    )


class Migration(migrations.Migration):
    dependencies = [("issues", "0001_initial")]

    operations = [
        migrations.RemoveIndex("issuetag", "issue_by_tag"),
        migrations.RenameModel("IssueTag", "FormerTag"),
        migrations.RenameModel("IssueUser", "FormerUser"),
        migrations.RenameModel("IssueHour", "FormerHour"),
        CreateClustered(
            name="IssueTag",
            fields=[
                _key("project_id", "issue_id", "key", "value"),
                ("project_id", models.BigIntegerField()),
                ("issue_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=200)),
                ("value", models.CharField(max_length=200)),
                ("count", models.PositiveBigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["project_id", "key", "value"], name="issue_by_tag")]},
        ),
        CreateClustered(
            name="ProjectTag",
            fields=[
                _key("project_id", "key", "value"),
                ("project_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=200)),
                ("value", models.CharField(max_length=200)),
                ("count", models.PositiveBigIntegerField()),
            ],
        ),
        CreateClustered(
            name="FullTag",
            fields=[
                _key("project_id", "issue_id", "key"),
                ("project_id", models.BigIntegerField()),
                ("issue_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=200)),
            ],
        ),
        CreateClustered(
            name="Origin",
            fields=[
                _key("project_id", "id"),
                ("project_id", models.BigIntegerField()),
                ("id", models.IntegerField()),
                ("release", models.CharField(max_length=200)),
                ("environment", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["project_id", "release", "environment"], name="origin_once")
                ]
            },
        ),
        CreateClustered(
            name="IssueUser",
            fields=[
                _key("project_id", "issue_id", "user_digest"),
                ("project_id", models.BigIntegerField()),
                ("issue_id", models.BigIntegerField()),
                ("user_digest", models.CharField(max_length=16)),
                ("first_day", models.IntegerField()),
                ("last_day", models.IntegerField()),
            ],
        ),
        CreateClustered(
            name="UserDay",
            fields=[
                _key("project_id", "day", "origin_id", "user_digest"),
                ("project_id", models.BigIntegerField()),
                ("day", models.IntegerField()),
                ("origin_id", models.IntegerField()),
                ("user_digest", models.CharField(max_length=16)),
            ],
        ),
        CreateClustered(
            name="IssueHour",
            fields=[
                _key("project_id", "issue_id", "hour", "origin_id"),
                ("project_id", models.BigIntegerField()),
                ("issue_id", models.BigIntegerField()),
                ("hour", models.IntegerField()),
                ("origin_id", models.IntegerField()),
                ("count", models.PositiveBigIntegerField()),
            ],
        ),
        CreateClustered(
            name="ProjectHour",
            fields=[
                _key("project_id", "hour", "origin_id"),
                ("project_id", models.BigIntegerField()),
                ("hour", models.IntegerField()),
                ("origin_id", models.IntegerField()),
                ("count", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel("FormerTag"),
        migrations.DeleteModel("FormerUser"),
        migrations.DeleteModel("FormerHour"),
    ]
