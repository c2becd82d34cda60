"""Tables of events, attachments, seen envelopes and unreadable reports.

The project comes first in every key, so that the tables can be distributed by it; ids are time-ordered numbers
(``events.ids``). Nothing refers to an event by a foreign key, so that old events can go partition by partition.
"""

from django.db import models


class Event(models.Model):
    """One occurrence; the body (scrubbed, normalised JSON) lies in the blob that `body` names, "" once it has gone.

    `variant` tells events of one issue apart that differ in their way there or their operating system
    (``events.variants``), so that bodies of all kinds are kept.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    event_id = models.UUIDField()
    issue_id = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    level = models.CharField(max_length=10)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    release = models.CharField(max_length=200, default="")
    environment = models.CharField(max_length=64, default="")
    user_digest = models.CharField(max_length=16, default="")
    likeness = models.CharField(max_length=40, default="")
    grouping_version = models.PositiveSmallIntegerField()
    grouping_key = models.CharField(max_length=40)
    variant = models.IntegerField(default=0, db_default=0)
    body = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "event_id"], name="event_once")]
        indexes = [
            models.Index(fields=["project_id", "issue_id", "id"], name="event_of_issue"),
            models.Index(fields=["project_id", "issue_id", "id"], condition=~models.Q(body=""), name="event_with_body"),
        ]

    @property
    def hex_id(self) -> str:
        """The event id as SDKs write it: 32 hex digits."""
        return self.event_id.hex


class Attachment(models.Model):
    """A file that came with an event or feedback, before or after it; told apart by the hash of its bytes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    event_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100, default="application/octet-stream")
    attachment_type = models.CharField(max_length=40, default="event.attachment")
    size_bytes = models.BigIntegerField()
    received_at = models.DateTimeField()
    blob = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "event_id", "sha256", "name"], name="attachment_once"),
        ]


class SeenEnvelope(models.Model):
    """Envelope ids whose items without an id of their own were stored, so that a repeat stores nothing twice."""

    pk = models.CompositePrimaryKey("project_id", "envelope_id")
    project_id = models.BigIntegerField()
    envelope_id = models.UUIDField()
    received_at = models.DateTimeField()


class SeenRelease(models.Model):
    """A release that sent an event: when its first one arrived tells later releases from earlier ones.

    `last_seen_at` is when the newest batch with one of its events was stored.
    """

    pk = models.CompositePrimaryKey("project_id", "version")
    project_id = models.BigIntegerField()
    version = models.CharField(max_length=200)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)


class FailedReport(models.Model):
    """A report that was accepted but could not be processed: kept with the reason, its raw bytes and how they came.

    `item` is "" for a whole body, else the JSON of the header line of the one item that is kept; `envelope` is then the
    JSON of its envelope's headers. `seen` says what of it was counted as invalid, under `counted_as`, and is taken back
    when it can be processed after all; `tries` is how often that failed.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    envelope_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    blob = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(default=0)
    key_id = models.BigIntegerField(default=0)
    route = models.CharField(max_length=20, default="envelope")
    encoding = models.CharField(max_length=20, default="")
    content_type = models.TextField(default="")
    remote = models.CharField(max_length=45, default="")
    envelope = models.TextField(default="")
    item = models.TextField(default="")
    seen = models.TextField(default="")
    counted_as = models.CharField(max_length=60, default="")
    tries = models.PositiveIntegerField(default=0)


class KeptItem(models.Model):
    """An item of a kind that nothing here reads yet, kept as it came because its project chose so."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.BigIntegerField()
    item_type = models.CharField(max_length=40)
    envelope_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    size_bytes = models.BigIntegerField()
    blob = models.CharField(max_length=64)


class IntakeCursor(models.Model):
    """How far a processor has come in the intake: moved in the transaction that stores what it read."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField()


class RetentionPolicy(models.Model):
    """How much of a project is kept how long; a project without a row has the defaults of ``events.policies``.

    0 stands for no limit. `bodies_per_issue` and `most_bytes` are about the bodies of events only.
    """

    project_id = models.BigIntegerField(primary_key=True)
    events_days = models.PositiveIntegerField()
    bodies_per_issue = models.PositiveIntegerField()
    most_bytes = models.PositiveBigIntegerField()
    attachments_days = models.PositiveIntegerField()
    feedback_days = models.PositiveIntegerField()
    failed_days = models.PositiveIntegerField()
    kept_items_days = models.PositiveIntegerField()


class FreedPack(models.Model):
    """How many bytes of a pack of bodies no row names any more: what compaction can give back."""

    name = models.CharField(max_length=24, primary_key=True)
    freed_bytes = models.PositiveBigIntegerField()


class GoneBlob(models.Model):
    """A blob whose row is gone: to be removed, and overwritten when `is_erased`, once that is committed."""

    reference = models.CharField(max_length=64, primary_key=True)
    is_erased = models.BooleanField(default=False)


class Erasure(models.Model):
    """That somebody had data erased: who and when, of what kind, how much went; never whose it was."""

    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    kind = models.CharField(max_length=20)
    project_id = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict)
