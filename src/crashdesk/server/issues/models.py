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
    """That one user (a digest of the id) met one issue, and on which days (since 1970, of arrival) first and last."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "user_digest")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    user_digest = models.CharField(max_length=16)
    first_day = models.IntegerField()
    last_day = models.IntegerField()


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


class ProjectTag(models.Model):
    """How often a tag's value came in the whole project; the empty value counts all events that have the tag."""

    pk = models.CompositePrimaryKey("project_id", "key", "value")
    project_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    count = models.PositiveBigIntegerField()


class FullTag(models.Model):
    """A tag that has so many values that new ones are left out: of one issue, or with issue 0 of the project."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "key")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    key = models.CharField(max_length=200)


class Origin(models.Model):
    """Where events come from: a release in an environment, as one small number; 0 stands for all that is not told."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.IntegerField()
    release = models.CharField(max_length=200)
    environment = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "release", "environment"], name="origin_once")]


class IssueHour(models.Model):
    """Events of one issue in one hour (whole hours since 1970) from one origin."""

    pk = models.CompositePrimaryKey("project_id", "issue_id", "hour", "origin_id")
    project_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    hour = models.IntegerField()
    origin_id = models.IntegerField()
    count = models.PositiveBigIntegerField()


class ProjectHour(models.Model):
    """Events of a project in one hour from one origin."""

    pk = models.CompositePrimaryKey("project_id", "hour", "origin_id")
    project_id = models.BigIntegerField()
    hour = models.IntegerField()
    origin_id = models.IntegerField()
    count = models.PositiveBigIntegerField()


class UserDay(models.Model):
    """That a user had an event on one day (whole days since 1970) from one origin."""

    pk = models.CompositePrimaryKey("project_id", "day", "origin_id", "user_digest")
    project_id = models.BigIntegerField()
    day = models.IntegerField()
    origin_id = models.IntegerField()
    user_digest = models.CharField(max_length=16)


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


class MergedIssue(models.Model):
    """That one issue was merged into another: what it was and which keys it had, so that they can be split again.

    Its events are told by their grouping keys. `parent_id` follows when the parent is merged itself.
    """

    pk = models.CompositePrimaryKey("project_id", "child_id")
    project_id = models.BigIntegerField()
    child_id = models.BigIntegerField()
    parent_id = models.BigIntegerField()
    child_number = models.PositiveIntegerField()
    merged_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    keys = models.JSONField(default=list)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["project_id", "parent_id"], name="merged_into")]
