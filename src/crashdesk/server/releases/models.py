"""Tables of announced releases, their commits and deploys.

Scripts speak of one release of an organisation that has several projects; here it is one row a project, because rights,
events and counts belong to projects, and so that the tables can be distributed by them. A write goes to the rows of all
the projects that it names; reading joins the rows of one version again.
"""

from django.db import models


class Release(models.Model):
    """A version that people announced. `removed_at` hides it until an event shows it again or it is announced anew."""

    pk = models.CompositePrimaryKey("project_id", "version")
    project_id = models.BigIntegerField()
    version = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    url = models.CharField(max_length=500, default="")
    ref = models.CharField(max_length=250, default="")
    status = models.CharField(max_length=10, default="open")
    removed_at = models.DateTimeField(null=True)


class ReleaseCommit(models.Model):
    """One commit of a release; `position` counts from 0 at the newest."""

    pk = models.CompositePrimaryKey("project_id", "version", "position")
    project_id = models.BigIntegerField()
    version = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    commit_id = models.CharField(max_length=64)
    repository = models.CharField(max_length=200, default="")
    author_name = models.CharField(max_length=200, default="")
    author_email = models.CharField(max_length=254, default="")
    message = models.TextField(default="")
    committed_at = models.DateTimeField(null=True)
    patch_set = models.JSONField(default=list)


class ReleaseRef(models.Model):
    """Up to which commit of a repository a release goes, and where the one before it ended."""

    pk = models.CompositePrimaryKey("project_id", "version", "repository")
    project_id = models.BigIntegerField()
    version = models.CharField(max_length=200)
    repository = models.CharField(max_length=200)
    commit_id = models.CharField(max_length=64)
    previous_commit = models.CharField(max_length=64, default="")


class Deploy(models.Model):
    """That a release went to an environment; the same `id` in every project of the release."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    version = models.CharField(max_length=200)
    environment = models.CharField(max_length=64)
    name = models.CharField(max_length=64, default="")
    url = models.CharField(max_length=500, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "version", "-id"], name="deploy_of_release")]
