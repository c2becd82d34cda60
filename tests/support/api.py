"""One of everything that the API can name, and a sensible call of every row of its table."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from crashdesk.server.api.operations import Operation
from crashdesk.server.events import bodies, ids
from crashdesk.server.events.models import FailedReport, KeptItem
from crashdesk.server.intake.blobs import Kind, Owner
from crashdesk.server.projects import queries
from crashdesk.server.releases import services as releases
from crashdesk.server.symbols.models import ArtifactBundle, DebugFile
from support import people
from support.events import event
from support.rows import NOON, a_project
from support.stored import a_stored_event, a_stored_file, bodies_in

CHUNK = b"a chunk"
SHA1 = hashlib.sha1(CHUNK, usedforsecurity=False).hexdigest()


@dataclass
class Cast:
    """A project with one of everything, who runs the server, and somebody of another project."""

    project: Any
    root: Any
    stranger: Any
    names: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    def contents(self) -> dict[str, int]:
        """Return how many rows every table has that a call could change."""
        ours = [model for model in apps.get_models() if model.__module__.startswith("crashdesk.server")]
        return {
            model._meta.label: model._default_manager.count() for model in ours if "accounts" not in model.__module__
        }


def cast(settings: Any, directory: Any) -> Cast:
    """Make the cast, with bodies below `directory`."""
    bodies_in(settings, directory)
    settings.CRASHDESK_URL = "http://desk.example"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    project, elsewhere = a_project("fieldbook"), a_project("elsewhere")
    made = Cast(project, people.a_user("root", is_superuser=True), people.a_member("sam", elsewhere.pk, "admin"))
    issue, stored = a_stored_event(project.pk, event(tags={"qt": "6.11"}, user={"id": 7}))
    releases.announce([project.pk], "1.0", {}, NOON)
    made.names = {
        "org": "main",
        "name": "fieldbook",
        "issue_id": str(issue.id),
        "short_id": f"FIELDBOOK-{issue.number}",
        "event_id": stored.event_id.hex,
        "key": "qt",
        "key_id": queries.keys_of(project)[0].public_key,
        "version": "1.0",
        "file_id": str(a_stored_file(project.pk, stored.event_id).id),
        "item_id": str(_kept_item(project.pk).id),
    }
    made.others = {"bundle": str(_bundle(project.pk).id), "debug_file": str(_debug_file(project.pk).id)}
    FailedReport.objects.create(project_id=project.pk, id=ids.new_id(NOON), received_at=NOON, reason="broken", blob="")
    return made


def call(client: Any, row: Operation, scene: Cast) -> Any:
    """Make the call of one row as somebody would who means it."""
    names = dict(scene.names)
    if "artifact-bundles" in row.path:
        names["file_id"] = scene.others["bundle"]
    address = row.address(names) + _query(row, scene)
    if row.form is not None:
        content = CHUNK if "chunk" in row.path else _zip()
        return client.post(address, {"file": SimpleUploadedFile(SHA1, content)})
    body = _BODIES.get(f"{row.handler.__module__.rpartition('.')[2]}.{row.handler.__name__}", {})
    return client.generic(row.method, address, orjson.dumps(body), content_type="application/json")


def _query(row: Operation, scene: Cast) -> str:
    if row.method != "GET" and "id_of_file" in row.query:
        return f"?id={scene.others['debug_file']}"
    if row.method != "GET" and "id" in row.query:
        return f"?id={scene.names['issue_id']}"
    return "?field=sum(session)" if row.path.endswith("sessions/") else ""


_BODIES: dict[str, Any] = {
    "projects.create": {"name": "Notebook"},
    "releases.create": {"version": "2.0", "projects": ["fieldbook"]},
    "releases.add_deploy": {"environment": "production"},
    "issue_changes.change": {"status": "ignored"},
    "issue_changes.change_many": {"status": "ignored"},
    "issue_changes.change_in_organisation": {"status": "ignored"},
    "feedback.add": {"comments": "It broke."},
    "uploads.assemble_bundle": {"checksum": SHA1, "chunks": [SHA1], "projects": ["fieldbook"]},
    "uploads.assemble_debug_files": {SHA1: {"name": "a.debug", "chunks": [SHA1]}},
}


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("proguard/mapping.txt", "a.B -> c:\n")
    return content.getvalue()


def _kept_item(project_id: int) -> KeptItem:
    return KeptItem.objects.create(
        project_id=project_id,
        id=ids.new_id(NOON),
        item_type="security",
        received_at=NOON,
        size_bytes=2,
        blob=_blob(Kind.KEPT, project_id, b"{}"),
    )


def _bundle(project_id: int) -> ArtifactBundle:
    return ArtifactBundle.objects.create(
        project_id=project_id,
        id=ids.new_id(NOON),
        checksum="b" * 40,
        release="1.0",
        file_count=0,
        size_bytes=2,
        uploaded_at=NOON,
        blob=_blob(Kind.SYMBOL, project_id, b"PK"),
    )


def _debug_file(project_id: int) -> DebugFile:
    return DebugFile.objects.create(
        project_id=project_id,
        id=ids.new_id(NOON),
        checksum="d" * 40,
        name="app.debug",
        kind="elf",
        debug_id="9fb6a2d3-54f6-4a5e-b9c8-0d0d5e8dbe31",
        size_bytes=3,
        uploaded_at=NOON,
        blob=_blob(Kind.SYMBOL, project_id, b"ELF"),
    )


def _blob(kind: Any, project_id: int, content: bytes) -> str:
    return bodies.blobs().put([content], Owner(kind, project_id, ids.new_id(NOON)))
