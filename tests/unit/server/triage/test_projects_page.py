from crashdesk.server.projects import queries, services


def test_a_project_shows_its_address_and_this_persons_role(desk, text):
    key = queries.first_active_key(desk.project)
    page = text(desk.viewer.get("/projects/"))
    assert f"http://{key.public_key}@desk.example/{desk.project.pk}" in page
    assert "viewer" in page
    assert "Elsewhere" not in page


def test_a_key_that_is_switched_off_says_so(desk, text):
    services.switch_key(queries.first_active_key(desk.project), is_active=False)
    assert "reports with it are refused" in text(desk.viewer.get("/projects/"))
