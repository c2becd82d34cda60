"""Tables of issues, their grouping keys and the counters that feed lists and charts."""

from django.conf import settings
from django.db import models


class Issue(models.Model):
    """Events judged to have one cause. `number` counts within the project: FIELDBOOK-12.

    `regressed_at` stands while the issue is open because a later release met it again after it was resolved.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    level = models.CharField(max_length=10)
    type = models.CharField(max_length=200, default="")
    value = models.CharField(max_length=1000, default="")
    culprit = models.CharField(max_length=300, default="")
    state = models.CharField(max_length=12, default="unresolved")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    first_release = models.CharField(max_length=200, default="")
    last_release = models.CharField(max_length=200, default="")
    event_count = models.PositiveBigIntegerField(default=0)
    user_count = models.PositiveBigIntegerField(default=0)
    feedback_count = models.PositiveBigIntegerField(default=0)
    last_event_id = models.BigIntegerField()
    resolved_at = models.DateTimeField(null=True)
    regressed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "number"], name="issue_number_once")]
        indexes = [models.Index(fields=["project_id", "state", "-last_seen_at"], name="issue_list")]

    @property
    def title(self) -> str:
        """Type and value in one line; a message's words where there is no type."""
        return ": ".join(part for part in (self.type, self.value.partition("\n")[0]) if part) or "(no message)"


class GroupingKey(models.Model):
    """A fingerprint of one grouping version and the issue it leads to."""

    pk = models.CompositePrimaryKey("project_id", "version", "key")
    project_id = models.BigIntegerField()
    version = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    issue_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "issue_id"], name="grouping_key_of_issue")]


class IssueUser(models.Model):
    """That one user (a digest of the id) met one issue."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "user_digest")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    user_digest = models.CharField(max_length=16)


class IssueTag(models.Model):
    """How often a tag's value came with one issue."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "key", "value")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    count = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "key", "value"], name="issue_by_tag")]


class IssueHour(models.Model):
    """Events of one issue in one hour (its start, UTC)."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "hour")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    hour = models.DateTimeField()
    count = models.PositiveBigIntegerField()


class IssueChange(models.Model):
    """History of an issue: who changed what, when; never altered."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    what = models.CharField(max_length=40)
    before = models.CharField(max_length=200, default="")
    after = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [models.Index(fields=["project_id", "issue_id", "id"], name="change_of_issue")]
