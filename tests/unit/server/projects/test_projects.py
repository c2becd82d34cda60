"""Projects and keys: names that can stand in addresses, keys that can be rotated, the DSN to copy."""

import pytest

from crashdesk.errors import UsageError
from crashdesk.protocol.dsn import Dsn
from crashdesk.server.projects import queries, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return services.create_organisation("main")


@pytest.fixture
def project(organisation):
    return services.create_project(organisation, "my-notebook")


def test_before_init_there_is_no_organisation():
    assert queries.organisation() is None


def test_a_project_comes_with_a_name_and_a_key(project):
    [key] = queries.keys_of(project)
    assert project.name == "My Notebook"
    assert len(key.public_key) == 32
    assert int(key.public_key, 16)


def test_a_project_is_found_by_its_slug(project, organisation):
    assert queries.project_with_slug("my-notebook") == project
    assert queries.project_with_slug("other") is None
    assert queries.organisation() == organisation


def test_a_slug_is_taken_once(project, organisation):
    with pytest.raises(UsageError, match="already"):
        services.create_project(organisation, "my-notebook")


@pytest.mark.parametrize("slug", ["", "My-Notebook", "a b", "-a", "a-", "ä", "a/b", "x" * 51, "a\n"])
def test_a_slug_can_stand_in_an_address(organisation, slug):
    with pytest.raises(UsageError, match="cannot stand in an address"):
        services.create_project(organisation, slug)
    with pytest.raises(UsageError, match="cannot stand in an address"):
        services.create_organisation(slug)


@pytest.mark.parametrize("slug", ["a", "a_b", "0", "x" * 50])
def test_short_and_long_slugs_are_fine(organisation, slug):
    assert services.create_project(organisation, slug).slug == slug


def test_keys_can_be_rotated_with_overlap(project):
    [old] = queries.keys_of(project)
    new = services.add_key(project, "rotated")
    assert queries.first_active_key(project) == old
    services.switch_key(old, is_active=False)
    assert queries.first_active_key(project) == new
    services.switch_key(old, is_active=True)
    assert queries.first_active_key(project) == old


@pytest.mark.parametrize("url", ["https://crashes.example.org", "http://127.0.0.1:8300", "http://[::1]:8300"])
def test_the_dsn_can_be_read_back(project, url):
    [key] = queries.keys_of(project)
    dsn = Dsn.parse(queries.dsn_of(key, url))
    assert (dsn.public_key, dsn.project_id) == (key.public_key, str(project.pk))
    assert dsn.origin == url


def test_a_quota_is_set_changed_and_taken_away(project):
    services.set_quota(project, "error", 3600, 100)
    services.set_quota(project, "error", 86_400, 1000)
    services.set_quota(project, "error", 3600, 50)
    assert [(row.window_seconds, row.quantity) for row in queries.quotas_of(project)] == [(3600, 50), (86_400, 1000)]
    services.set_quota(project, "error", 3600, None)
    assert [row.window_seconds for row in queries.quotas_of(project)] == [86_400]


@pytest.mark.parametrize(("category", "window"), [("nonsense", 3600), ("error", 1), ("error", 10**9)])
def test_a_quota_for_what_does_not_exist_is_refused_in_words(project, category, window):
    with pytest.raises(UsageError, match=r"category|seconds"):
        services.set_quota(project, category, window, 1)


def test_a_key_may_have_a_limit_of_its_own_and_a_project_do_without_protection_from_spikes(project):
    [key] = queries.keys_of(project)
    services.limit_key(key, 60)
    services.protect_from_spikes(project, is_on=False)
    key.refresh_from_db()
    assert (key.reports_per_minute, key.project.has_spike_protection) == (60, False)
