"""Table of users' own words."""

from django.db import models


class Feedback(models.Model):
    """A user's words: kind problem, idea, question or praise; `event_id` is the event they are about, if any."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    feedback_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    issue_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=16, default="problem")
    severity = models.CharField(max_length=16, default="")
    message = models.TextField()
    name = models.CharField(max_length=200, default="")
    email = models.CharField(max_length=254, default="")
    url = models.CharField(max_length=500, default="")
    source = models.CharField(max_length=60, default="")
    release = models.CharField(max_length=200, default="")
    environment = models.CharField(max_length=64, default="")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    is_read = models.BooleanField(default=False)
    body = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "feedback_id"], name="feedback_once")]
        indexes = [
            models.Index(fields=["project_id", "-id"], name="feedback_list"),
            models.Index(fields=["project_id", "issue_id", "-id"], name="feedback_of_issue"),
            models.Index(fields=["project_id", "event_id"], name="feedback_of_event"),
        ]

    @property
    def hex_id(self) -> str:
        """The feedback's id as 32 hex digits."""
        return self.feedback_id.hex
