"""Tables that grow with events have their final keys: the project first everywhere, nothing refers to an event."""

import pytest
from django.apps import apps
from django.db import models

OF_THE_SERVER = {
    "IntakeCursor",  # one row a processor
    "Chunk",  # gone after a day
    "FreedPack",  # one row a pack, which holds bodies of many projects
    "GoneBlob",  # gone within seconds
    "Erasure",  # one row an erasure, which may be of all projects
}
GROWING = [
    model
    for app in ("events", "issues", "feedback", "outcomes", "product_sessions", "releases", "symbols")
    for model in apps.get_app_config(app).get_models()
    if model.__name__ not in OF_THE_SERVER
]


def first_columns(model):
    """Return the first column of each key and index of a table."""
    keys = [
        model._meta.pk.field_names if isinstance(model._meta.pk, models.CompositePrimaryKey) else [model._meta.pk.name]
    ]
    keys += [constraint.fields for constraint in model._meta.constraints]
    keys += [index.fields for index in model._meta.indexes]
    keys += [[field.name] for field in model._meta.concrete_fields if field.unique or field.db_index]
    return [key[0] for key in keys]


@pytest.mark.parametrize("model", GROWING, ids=lambda model: model.__name__)
def test_every_key_and_index_begins_with_the_project(model):
    assert set(first_columns(model)) == {"project_id"}


@pytest.mark.parametrize("model", GROWING, ids=lambda model: model.__name__)
def test_only_people_are_referred_to_by_foreign_keys(model):
    targets = {field.related_model.__name__ for field in model._meta.concrete_fields if field.is_relation}
    assert targets <= {"User"}


def test_bodies_lie_outside_the_rows_and_the_grouping_version_inside():
    event = apps.get_model("events", "Event")
    assert event._meta.get_field("body").max_length <= 64
    assert {"grouping_version", "grouping_key"} <= {field.name for field in event._meta.concrete_fields}
    assert apps.get_model("issues", "GroupingKey")._meta.pk.field_names == ("project_id", "version", "key")
