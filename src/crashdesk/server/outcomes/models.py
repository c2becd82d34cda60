"""Table of outcomes by hour."""

from django.db import models


class OutcomeHour(models.Model):
    """How many items of a category had one outcome for one reason in an hour (its start, UTC)."""

    pk = models.CompositePrimaryKey("project_id", "hour", "category", "outcome", "reason")
    project_id = models.BigIntegerField()
    hour = models.DateTimeField()
    category = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=60, default="")
    quantity = models.PositiveBigIntegerField()
