"""The description of the API holds: it is valid, and a running server answers calls made from it as it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.servers import running_server

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
SHORT, LONG = 4, 60  # calls of each operation
# what would take the ground from under the other calls
LEFT_OUT = {"/api/0/projects/{org}/{name}/keys/{key_id}/": {"DELETE"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def test_the_document_is_valid_and_needs_no_token(server):
    status, _ = server.get("/api/0/openapi.json")
    document = server.api("openapi.json")
    validate(document)
    assert (status, document["openapi"]) == (200, "3.1.0")
    assert len(document["paths"]) > 40


def test_every_call_answers_as_the_document_says(server, is_long):
    schema = schemathesis.openapi.from_url(f"{server.url}/api/0/openapi.json")
    most = LONG if is_long else SHORT
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.method.upper() not in LEFT_OUT.get(operation.path, set()):
            failures += _tried(operation, server, most)
    assert not failures, "\n\n".join(failures)


def _tried(operation, server, most):
    """Return what went wrong in calls of one operation."""
    failures = []

    @settings(
        max_examples=most,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def calls(case):
        case.path_parameters.update(_names(case, server))
        response = case.call(headers={"Authorization": f"Bearer {server.token}"})
        try:
            case.validate_response(response, checks=list(CHECKS))
        except (FailureGroup, Failure) as error:
            failures.append(f"{operation.label}: {response.status_code} {_told(error)}")

    given(case=operation.as_strategy())(calls)()
    return failures[:3]


def _told(error):
    """Return the reasons, and the call that shows them."""
    parts = error.exceptions if isinstance(error, FailureGroup) else [error]
    return "; ".join(f"{part.title}: {part.message[:600]}" for part in parts)


def _names(case, server):
    known = {"org": "main", "name": server.project}
    return {key: known[key] for key in case.path_parameters if key in known}
