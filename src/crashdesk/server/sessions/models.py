"""Tables of runs of the product: the latest state of each, sums by the hour in which they began, and users by day."""

from django.db import models


class SessionRun(models.Model):
    """One run and what its newest update says; kept as long as further updates may come.

    `sid` is the client's id of the run, `seq` and `told_at` say how new the update is by the client's own count.
    """

    pk = models.CompositePrimaryKey("project_id", "sid")
    project_id = models.BigIntegerField()
    sid = models.UUIDField()
    status = models.CharField(max_length=10)
    seq = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    errors = models.PositiveIntegerField(default=0)
    release = models.CharField(max_length=200, default="")
    environment = models.CharField(max_length=64, default="")
    user_digest = models.CharField(max_length=16, default="")
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "updated_at"], name="session_run_age")]


class SessionHour(models.Model):
    """How many runs that began in an hour (its start, UTC) are in one state; ``total`` counts all of them.

    A run that changes its state is taken from one row and added to another, so a sum may be written that is negative.
    """

    pk = models.CompositePrimaryKey("project_id", "hour", "release", "environment", "state")
    project_id = models.BigIntegerField()
    hour = models.DateTimeField()
    release = models.CharField(max_length=200)
    environment = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    quantity = models.BigIntegerField()


class SessionUser(models.Model):
    """A user who had a run that began on a day (UTC), as a digest, and the worst that happened in any of them."""

    pk = models.CompositePrimaryKey("project_id", "day", "release", "environment", "user_digest")
    project_id = models.BigIntegerField()
    day = models.DateField()
    release = models.CharField(max_length=200)
    environment = models.CharField(max_length=64)
    user_digest = models.CharField(max_length=16)
    has_crashed = models.BooleanField(default=False)
    has_errored = models.BooleanField(default=False)
    has_ended_abnormally = models.BooleanField(default=False)
