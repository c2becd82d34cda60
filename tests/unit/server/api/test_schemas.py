from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import orjson
import pytest

from crashdesk.server.api.answers import Refusal
from crashdesk.server.api.bodies import checked
from crashdesk.server.api.openapi import described
from crashdesk.server.api.schemas import Number, Text, schema_of
from crashdesk.server.api.table import TABLE


class Part(TypedDict):
    """A part."""

    size: Annotated[int, Number(1, 5)]


class Whole(TypedDict):
    """A whole."""

    name: Annotated[str, Text(least=1, most=3)]
    kind: NotRequired[Literal["a", "b"]]
    parts: NotRequired[list[Part] | None]
    at: NotRequired[datetime]
    more: NotRequired[dict[str, float]]
    anything: NotRequired[Any]
    flag: NotRequired[bool]


def test_a_shape_becomes_a_schema_that_others_refer_to():
    components: dict = {}
    assert schema_of(list[Whole], components) == {"type": "array", "items": {"$ref": "#/components/schemas/Whole"}}
    whole, part = components["Whole"], components["Part"]
    assert whole["required"] == ["name"]
    assert whole["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 3}
    assert whole["properties"]["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert whole["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert part["properties"]["size"] == {"type": "integer", "minimum": 1, "maximum": 5}


def test_a_body_is_read_as_its_shape_says_and_what_it_does_not_name_is_left_out():
    found = checked({"name": "a", "at": "2026-03-02T12:30:00+01:00", "unknown": 1, "parts": None}, Whole, "")
    assert found == {"name": "a", "at": datetime(2026, 3, 2, 11, 30, tzinfo=UTC), "parts": None}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "object"),
        ({}, "name: this field is required"),
        ({"name": 5}, "name: must be text"),
        ({"name": ""}, "at least 1"),
        ({"name": "long"}, "at most 3"),
        ({"name": "a\x00"}, "must be text"),
        ({"name": "a", "kind": "c"}, "kind must be one of a, b"),
        ({"name": "a", "parts": [{"size": 9}]}, "between 1 and 5"),
        ({"name": "a", "parts": [{"size": True}]}, "a whole number"),
        ({"name": "a", "parts": 5}, "list"),
        ({"name": "a", "at": "yesterday"}, "a time"),
        ({"name": "a", "at": 5}, "a time"),
        ({"name": "a", "at": "0001-01-01T00:00:00+14:00"}, "a time"),
        ({"name": "a", "more": {"x": "1"}}, "a number"),
        ({"name": "a", "flag": 1}, "true or false"),
    ],
)
def test_what_a_shape_does_not_allow_is_refused_by_name(body, words):
    with pytest.raises(Refusal, match=words) as refused:
        checked(body, Whole, "The body")
    assert refused.value.status == 400


def test_the_document_has_every_call_of_the_table_and_its_scope():
    document = described(TABLE)
    calls = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert calls == {(row.template, row.method) for row in TABLE}
    names = [call["operationId"] for methods in document["paths"].values() for call in methods.values()]
    assert len(names) == len(set(names))
    issues = document["paths"]["/api/0/issues/{issue_id}/"]["put"]
    assert "event:write" in issues["description"]
    assert document["paths"]["/api/0/openapi.json"]["get"]["security"] == []
    assert orjson.dumps(document)
