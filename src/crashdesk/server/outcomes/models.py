"""Tables of outcomes by hour and of running totals."""

from django.db import models


class OutcomeHour(models.Model):
    """How many items of a category came, or had one outcome for one reason, in an hour (its start, UTC).

    The quantity is signed only because databases check a row before they add it to the one that is there: what is
    processed again takes back what was counted before.
    """

    pk = models.CompositePrimaryKey("project_id", "hour", "category", "outcome", "reason")
    project_id = models.BigIntegerField()
    hour = models.DateTimeField()
    category = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=60, default="")
    quantity = models.BigIntegerField()


class Total(models.Model):
    """A running total of a project since its beginning, so that nobody has to count rows to tell it."""

    pk = models.CompositePrimaryKey("project_id", "name")
    project_id = models.BigIntegerField()
    name = models.CharField(max_length=20)
    quantity = models.BigIntegerField()
