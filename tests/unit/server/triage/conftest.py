"""One project with one issue, and the cast that looks at it."""

from types import SimpleNamespace

import pytest

from crashdesk.server.triage import addresses
from crashdesk.server.triage.access import Project
from support import people
from support.events import event
from support.rows import a_project
from support.stored import a_stored_event, bodies_in


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def desk(db, settings, tmp_path):
    """A project, its issue and event, and clients: developer, viewer and a stranger, who has a project of his own."""
    bodies_in(settings, tmp_path)
    settings.CRASHDESK_URL = "http://desk.example"
    project, elsewhere = a_project("fieldbook"), a_project("elsewhere")
    issue, stored = a_stored_event(project.pk, event())
    shown = Project(project.pk, project.slug, project.name)
    return SimpleNamespace(
        project=project,
        elsewhere=elsewhere,
        issue=issue,
        event=stored,
        address=addresses.of_issue(shown, issue),
        dev=people.a_member("dora", project.pk, "developer"),
        developer=people.signed_in(people.a_member("dora", project.pk, "developer")),
        viewer=people.signed_in(people.a_member("victor", project.pk, "viewer")),
        stranger=people.signed_in(people.a_member("sam", elsewhere.pk, "admin")),
    )


@pytest.fixture
def text():
    """Read an answer as a person sees it: 200, decoded."""

    def read(response, status=200):
        assert response.status_code == status, response.content[:500]
        return response.content.decode()

    return read
