"""Tables of organisations, projects and keys."""

from django.db import models

from crashdesk.protocol.items import OPTIONAL_BY_DEFAULT


def kept_by_default() -> list[str]:
    """Return the optional kinds of items that a new project keeps."""
    return list(OPTIONAL_BY_DEFAULT)


class Organisation(models.Model):
    """Whoever runs this server; one an installation for now, named in every address of the API."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()


class Project(models.Model):
    """One product or part of it: what has a DSN."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="projects")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    grouping_version = models.PositiveSmallIntegerField(default=1)
    last_issue_number = models.PositiveIntegerField(default=0)
    has_spike_protection = models.BooleanField(default=True)
    kept_items = models.JSONField(default=kept_by_default)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "slug"], name="project_slug_once")]


class ProjectKey(models.Model):
    """The public half of a DSN; a project may have several, so that they can be rotated with overlap."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="keys")
    public_key = models.CharField(max_length=32, unique=True)
    label = models.CharField(max_length=100, default="Default")
    is_active = models.BooleanField(default=True)
    allowed_origins = models.JSONField(default=list)
    reports_per_minute = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()


class ProjectQuota(models.Model):
    """How many items of a category a project may send within a window; above it they are refused and counted."""

    pk = models.CompositePrimaryKey("project_id", "category", "window_seconds")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quotas")
    category = models.CharField(max_length=20)
    window_seconds = models.PositiveIntegerField()
    quantity = models.PositiveBigIntegerField()


class SharedFact(models.Model):
    """What all nodes on this database have in common besides its tables, such as the key that signs sessions."""

    name = models.CharField(max_length=40, primary_key=True)
    text = models.TextField()
