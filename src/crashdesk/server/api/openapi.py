"""The API described in OpenAPI 3.1, built from the table of operations: what is not in the table does not exist."""

from collections.abc import Iterable

from crashdesk.server.api.operations import ANY_TOKEN, BYTES, PUBLIC, Operation
from crashdesk.server.api.parameters import IN_ADDRESS, IN_QUERY, Parameter
from crashdesk.server.api.schemas import Schema, schema_of

_ERROR = {"$ref": "#/components/responses/Error"}
_CURSOR = "cursor"
_REFUSED = ("400", "401", "403", "404", "405", "413", "503")


def described(table: Iterable[Operation]) -> Schema:
    """Return the OpenAPI document of these operations."""
    components: dict[str, Schema] = {}
    paths: dict[str, Schema] = {}
    for row in table:
        paths.setdefault(row.template, {})[row.method.lower()] = _operation(row, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Crashdesk",
            "version": "0",
            "description": "Sentry's REST API as far as Crashdesk has it, and a few calls of its own.",
        },
        "paths": paths,
        "security": [{"token": []}],
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Error": _error()},
        },
    }


def _operation(row: Operation, components: dict[str, Schema]) -> Schema:
    found: Schema = {
        "operationId": f"{row.method.lower()}{row.template.removeprefix('/api/0')}".replace("/", "_").strip("_"),
        "summary": row.summary,
        "tags": [row.handler.__module__.rpartition(".")[2]],
        "parameters": [_parameter(name, "path", IN_ADDRESS[name]) for name in row.parameters]
        + [_parameter(name, "query", IN_QUERY[name]) for name in row.query],
        "responses": {str(status): _answer(row, components) for status in (row.status, *row.also)}
        | dict.fromkeys(_REFUSED, _ERROR),
    }
    if row.scope == PUBLIC:
        found["security"] = []
        found["responses"].pop("401")
    elif row.scope != ANY_TOKEN:
        found["description"] = f"Needs the scope {row.scope}, of the token and of the person's role in the project."
    body = _body(row, components)
    return {**found, "requestBody": body} if body else found


def _parameter(name: str, where: str, row: Parameter) -> Schema:
    found: Schema = {"name": _WRITTEN.get(name, name), "in": where, "description": row.help, "schema": row.schema}
    return {**found, "required": True} if where == "path" else found


def _answer(row: Operation, components: dict[str, Schema]) -> Schema:
    if row.answers is None:
        return {"description": "Done; there is nothing to say."}
    if row.answers is BYTES:
        return {"description": "The bytes.", "content": {"application/octet-stream": {"schema": {}}}}
    found: Schema = {
        "description": "Done.",
        "content": {"application/json": {"schema": schema_of(row.answers, components)}},
    }
    if row.gives_bytes:
        found["content"]["application/octet-stream"] = {"schema": {}}
    if _CURSOR in row.query:
        link = {"description": "Where the neighbouring pages begin.", "schema": {"type": "string"}}
        found["headers"] = {"Link": link}
    return found


def _body(row: Operation, components: dict[str, Schema]) -> Schema | None:
    if row.form is not None:
        return {"required": True, "content": {"multipart/form-data": {"schema": row.form}}}
    if row.body is None:
        return None
    return {"required": True, "content": {"application/json": {"schema": schema_of(row.body, components)}}}


def _error() -> Schema:
    detail = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
    return {"description": "What is wrong, in one sentence.", "content": {"application/json": {"schema": detail}}}


_WRITTEN = {"version_sort": "sort", "id_of_file": "id", "release_status": "status"}
