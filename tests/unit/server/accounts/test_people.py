"""Accounts, roles and who sees which project."""

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.accounts import queries, services
from crashdesk.server.accounts.models import User
from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.projects.services import create_organisation, create_project

pytestmark = pytest.mark.django_db
PASSWORD = "long enough"


@pytest.fixture
def projects():
    organisation = create_organisation("main")
    return [create_project(organisation, slug) for slug in ("alpha", "beta")]


@pytest.fixture
def greta() -> User:
    return services.create_user("Greta@Example.org", PASSWORD)


def test_a_person_is_found_by_address_whatever_its_case(greta):
    assert queries.user_with_email(" gReTa@eXample.org ") == greta
    assert queries.user_with_email("nobody@example.org") is None


def test_a_password_is_kept_hashed(greta):
    assert greta.check_password(PASSWORD)
    assert PASSWORD not in greta.password


@pytest.mark.parametrize("email", ["", "greta", "greta@", "a b@example.org", "greta@example.org\nBcc: x@example.org"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(UsageError, match="not an e-mail address"):
        services.create_user(email, PASSWORD)


def test_an_address_is_taken_whatever_its_case(greta):
    with pytest.raises(UsageError, match="already"):
        services.create_user("GRETA@example.org", PASSWORD)


def test_a_short_password_is_refused(greta):
    with pytest.raises(UsageError, match="at least 8"):
        services.create_user("otto@example.org", "short")
    with pytest.raises(UsageError, match="at least 8"):
        services.set_password(greta, "short")


def test_the_same_password_again_changes_nothing_so_that_sessions_last(greta):
    before = greta.password
    services.set_password(greta, PASSWORD)
    assert User.objects.get().password == before
    services.set_password(greta, "another one")
    assert User.objects.get().check_password("another one")


def test_a_stranger_sees_no_project_and_may_do_nothing(projects, greta):
    assert list(queries.projects_visible_to(greta)) == []
    assert queries.scopes_in(greta, projects[0].pk) == frozenset()


def test_a_member_sees_that_project_only(projects, greta):
    services.set_role(greta, projects[1].pk, "viewer")
    assert [project.slug for project in queries.projects_visible_to(greta)] == ["beta"]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gives_its_scopes_and_no_others(projects, greta, role):
    services.set_role(greta, projects[0].pk, role)
    assert {scope for scope in SCOPES if queries.may(greta, scope, projects[0].pk)} == ROLES[role].scopes
    assert not any(queries.may(greta, scope, projects[1].pk) for scope in SCOPES)


def test_another_role_takes_the_place_of_the_first(projects, greta):
    services.set_role(greta, projects[0].pk, "admin")
    services.set_role(greta, projects[0].pk, "viewer")
    assert not queries.may(greta, "event:write", projects[0].pk)


def test_an_unknown_role_is_refused(projects, greta):
    with pytest.raises(UsageError, match="viewer, support, developer, admin"):
        services.set_role(greta, projects[0].pk, "emperor")


def test_a_superuser_sees_and_may_everything(projects, greta):
    services.make_superuser(greta)
    boss = User.objects.get()
    assert [project.slug for project in queries.projects_visible_to(boss)] == ["alpha", "beta"]
    assert queries.scopes_in(boss, projects[0].pk) == set(SCOPES)


def test_who_may_no_longer_sign_in_sees_nothing(projects, greta):
    services.make_superuser(greta)
    User.objects.update(is_active=False)
    former = User.objects.get()
    assert list(queries.projects_visible_to(former)) == []
    assert queries.scopes_in(former, projects[0].pk) == frozenset()


def test_issues_can_go_to_members_and_superusers(projects, greta):
    boss = services.create_user("boss@example.org", PASSWORD, is_superuser=True)
    services.create_user("stranger@example.org", PASSWORD)
    services.set_role(greta, projects[0].pk, "support")
    assert queries.members_of(projects[0].pk) == [boss, greta]
