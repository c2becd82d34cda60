from crashdesk.server.outcomes.services import RECEIVED, Counted, count
from crashdesk.server.projects import queries
from support.rows import NOON


def test_the_organisation_has_the_keys_that_clients_need(desk, found):
    [organisation] = found(desk.viewer.get("/api/0/organizations/"))
    assert organisation["slug"] == "main"
    needed = {
        "id",
        "slug",
        "name",
        "dateCreated",
        "isEarlyAdopter",
        "require2FA",
        "requireEmailVerification",
        "features",
    }
    assert needed <= set(organisation)
    assert found(desk.viewer.get("/api/0/organizations/main/")) == organisation


def test_projects_are_listed_with_text_ids(desk, found):
    [project] = found(desk.viewer.get("/api/0/organizations/main/projects/"))
    assert (project["id"], project["slug"], project["team"]) == (str(desk.project.pk), "fieldbook", None)


def test_names_and_ids_are_taken_alike(desk, found):
    by_id = f"/api/0/projects/{desk.project.organisation_id}/{desk.project.pk}/"
    assert found(desk.viewer.get(by_id)) == found(desk.viewer.get("/api/0/projects/main/fieldbook/"))


def test_a_key_shows_its_dsn(desk, found):
    [key] = found(desk.viewer.get("/api/0/projects/main/fieldbook/keys/"))
    stored = queries.first_active_key(desk.project)
    assert key["dsn"] == {"public": f"http://{stored.public_key}@desk.example/{desk.project.pk}"}
    assert key["isActive"] is True


def test_what_this_server_does_not_have_is_an_empty_list(desk, found):
    assert found(desk.viewer.get("/api/0/organizations/main/repos/")) == []
    assert found(desk.viewer.get("/api/0/organizations/main/monitors/")) == []


def test_another_organisation_is_not_found(desk, found):
    for path in ("", "projects/", "issues/", "repos/"):
        found(desk.viewer.get(f"/api/0/organizations/other/{path}"), 404)


def test_figures_are_running_totals_over_all_projects(desk, found):
    came = [Counted(project, NOON, "error", RECEIVED, quantity=2) for project in (desk.project.pk, 99)]
    count([*came, Counted(99, NOON, "error", "accepted", quantity=3), Counted(99, NOON, "session", RECEIVED)])
    figures = found(desk.root.get("/api/0/installation/stats/"))
    assert figures == {"events_received": 4, "events_stored": 3, "intake_waiting": 0, "issues": 1}
