"""One project with one issue, and scripts that call with tokens of different people."""

from types import SimpleNamespace

import pytest

from support import people
from support.events import event
from support.rows import a_project
from support.stored import a_stored_event, bodies_in


@pytest.fixture
def desk(db, settings, tmp_path):
    """A project, its issue and event, and clients: developer, viewer, admin of the server, stranger, nobody."""
    bodies_in(settings, tmp_path)
    settings.CRASHDESK_URL = "http://desk.example"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    project, elsewhere = a_project("fieldbook"), a_project("elsewhere")
    issue, stored = a_stored_event(project.pk, event(tags={"qt": "6.11"}, user={"id": 7}))
    return SimpleNamespace(
        project=project,
        issue=issue,
        event=stored,
        dev=people.a_member("dora", project.pk, "developer"),
        developer=people.bearer(people.a_user("dora")),
        viewer=people.bearer(people.a_member("victor", project.pk, "viewer")),
        root=people.bearer(people.a_user("root", is_superuser=True)),
        stranger=people.bearer(people.a_member("sam", elsewhere.pk, "admin")),
    )


@pytest.fixture
def found():
    """Read an answer as a script does: 200 and JSON by its content type."""

    def read(response, status=200):
        assert response.status_code == status, response.content[:500]
        assert response["Content-Type"] == "application/json"
        return response.json()

    return read
