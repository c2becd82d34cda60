"""Erases a project: every row of every table that has its number, every blob that names it as its owner."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from crashdesk.server.events import freed
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import Erasure
from crashdesk.server.intake.blobs import Kind, Stored
from crashdesk.server.projects.models import Project, ProjectKey

AT_ONCE = 500
_OURS = "crashdesk.server."


def close(project_id: int) -> None:
    """Let nothing more come for a project."""
    ProjectKey.objects.filter(project_id=project_id).update(is_active=False)


def remove(project_id: int) -> Iterator[tuple[str, int]]:
    """Remove the project; yield the name of each table and how many rows of it went."""
    yield "blobs", _blobs_of(project_id)
    for model in _tables():
        yield model._meta.db_table, _rows_of(model, project_id)  # noqa: SLF001 - Django's documented way to its name
    with transaction.atomic():
        yield "projects", Project.objects.filter(pk=project_id).delete()[0]


def _blobs_of(project_id: int) -> int:
    """Note that every blob of the project is to be overwritten, whether a row names it or not."""
    store = blobs()
    found = 0
    for pack in store.packs(with_open=True):
        found += _note(project_id, store.records(pack.name))
    return found + _note(project_id, (stored for stored, _ in store.large()))


def _note(project_id: int, stored: Iterator[Stored]) -> int:
    found = 0
    portion: list[str] = []
    for blob in stored:
        if blob.owner.project_id == project_id and blob.owner.kind not in {Kind.ERASED, Kind.CHUNK}:
            portion.append(blob.reference)
        if len(portion) >= AT_ONCE:
            found += _note_portion(portion)
            portion = []
    return found + _note_portion(portion)


def _note_portion(references: list[str]) -> int:
    with transaction.atomic():
        freed.erase_later(references)
    return len(references)


def _tables() -> list[type[models.Model]]:
    """Return our tables that have a project in each row, the project itself and what refers to it by key apart."""
    found = [model for model in apps.get_models() if model.__module__.startswith(_OURS) and model is not Erasure]
    return [model for model in found if any(_is_number(field) for field in model._meta.concrete_fields)]  # noqa: SLF001 - as above


def _is_number(field: "models.Field[object, object]") -> bool:
    return field.attname == "project_id" and not field.is_relation


def _rows_of(model: type[models.Model], project_id: int) -> int:
    rows = model._default_manager.filter(project_id=project_id)  # noqa: SLF001 - Django's way to a model's rows
    if not any(field.name == "id" for field in model._meta.concrete_fields):  # noqa: SLF001 - as above
        return rows.delete()[0]
    gone = 0
    while ids := list(rows.order_by("id").values_list("id", flat=True)[:AT_ONCE]):
        gone += rows.filter(id__range=(ids[0], ids[-1])).delete()[0]
    return gone
