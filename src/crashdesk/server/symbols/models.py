"""Tables of chunks on their way, of what is being assembled, and of the debug files and bundles that were."""

from django.db import models


class Chunk(models.Model):
    """A piece of a file, as one person uploaded it; forgotten a day later.

    The person stands in the key's place of the project: a chunk is sent before anybody says for which project it is,
    and who knows only the SHA-1 of a foreign chunk must not get at its bytes.
    """

    pk = models.CompositePrimaryKey("user_id", "sha1")
    user_id = models.BigIntegerField()
    sha1 = models.CharField(max_length=40)
    id = models.BigIntegerField()
    size_bytes = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    blob = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="chunk_by_age")]


class Assembly(models.Model):
    """A file that is, or was, put together from its chunks beside a request: large ones, and those that failed."""

    pk = models.CompositePrimaryKey("project_id", "kind", "checksum")
    project_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    checksum = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    detail = models.CharField(max_length=300, default="")
    changed_at = models.DateTimeField()


class DebugFile(models.Model):
    """A file that says what the addresses of a native program, or the short names of a shrunk one, stand for."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    checksum = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=16)
    debug_id = models.CharField(max_length=45)
    code_id = models.CharField(max_length=64, default="")
    arch = models.CharField(max_length=20, default="")
    features = models.JSONField(default=list)
    use = models.CharField(max_length=8, default="")
    size_bytes = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    blob = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "checksum"], name="debug_file_once")]
        indexes = [
            models.Index(fields=["project_id", "debug_id"], name="debug_file_by_debug_id"),
            models.Index(fields=["project_id", "code_id"], name="debug_file_by_code_id"),
        ]


class ArtifactBundle(models.Model):
    """A zip of minified sources and their source maps, for a release or by debug ids alone."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    checksum = models.CharField(max_length=40)
    bundle_id = models.CharField(max_length=45, default="")
    release = models.CharField(max_length=200, default="")
    dist = models.CharField(max_length=64, default="")
    file_count = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    blob = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "checksum", "release", "dist"], name="artifact_bundle_once")
        ]
        indexes = [models.Index(fields=["project_id", "release", "-id"], name="bundle_of_release")]


class ArtifactFile(models.Model):
    """One file of a bundle: where it lies in the zip, the address it is served at, and its debug id."""

    pk = models.CompositePrimaryKey("project_id", "bundle_row", "position")
    project_id = models.BigIntegerField()
    bundle_row = models.BigIntegerField()
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=500)
    url = models.CharField(max_length=500, default="")
    kind = models.CharField(max_length=24, default="")
    debug_id = models.CharField(max_length=45, default="")
    source_map = models.CharField(max_length=500, default="")

    class Meta:
        indexes = [
            models.Index(fields=["project_id", "debug_id"], name="artifact_by_debug_id"),
            models.Index(fields=["project_id", "url"], name="artifact_by_url"),
        ]
