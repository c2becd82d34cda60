from datetime import timedelta

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.events.models import SeenRelease
from crashdesk.server.events.services import note_releases
from crashdesk.server.releases import queries, services
from crashdesk.server.releases.queries import ReleaseListRequest
from crashdesk.server.releases.services import Commit, NewDeploy, Ref
from support.rows import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def listed(project_ids, **more):
    return [found.version for found in queries.releases(ReleaseListRequest(project_ids, **more))]


def test_an_announced_release_is_new_once():
    assert services.announce([1, 2], "1.0", {}, NOON)
    assert not services.announce([1], "1.0", {"released_at": NOON}, NOON + HOUR)
    found = queries.release([1, 2], "1.0")
    assert (found.created_at, found.released_at, found.project_ids) == (NOON, NOON, {1, 2})


def test_a_release_that_sent_an_event_appears_by_itself():
    note_releases(1, ["1.0"], NOON)
    note_releases(1, ["1.0"], NOON + HOUR)
    assert listed([1]) == ["1.0"]
    found = queries.release([1], "1.0")
    assert (found.first_event_at, found.last_event_at) == (NOON, NOON + HOUR)


def test_a_release_that_events_showed_is_not_new_when_it_is_announced():
    note_releases(1, ["1.0"], NOON)
    assert not services.announce([1], "1.0", {}, NOON + HOUR)
    assert queries.release([1], "1.0").created_at == NOON


def test_the_list_is_newest_first_over_both_kinds_and_page_by_page():
    services.announce([1], "b", {}, NOON + HOUR)
    note_releases(1, ["a"], NOON)
    note_releases(2, ["c"], NOON + 2 * HOUR)
    assert listed([1, 2]) == ["c", "b", "a"]
    assert listed([1, 2], offset=1, limit=1) == ["b"]
    assert listed([3]) == listed([]) == []


def test_the_list_can_be_narrowed_by_text_and_status():
    services.announce([1], "app@1.0_x", {"status": "archived"}, NOON)
    services.announce([1], "app@2.0", {}, NOON)
    assert listed([1], text="0_X") == ["app@1.0_x"]
    assert listed([1], text="%") == []
    assert listed([1], status="open") == ["app@2.0"]


def test_the_list_can_be_had_by_version():
    for place, version in enumerate(["1.10", "1.9", "1.11"]):
        services.announce([1], version, {}, NOON - place * HOUR)
    assert listed([1], is_by_version=True) == ["1.11", "1.10", "1.9"]


def test_a_removed_release_stays_away_until_an_event_shows_it_again():
    note_releases(1, ["1.0"], NOON)
    services.announce([1], "1.0", {"url": "http://x"}, NOON)
    services.remove([1], "1.0", NOON + HOUR)
    assert queries.release([1], "1.0") is None
    assert listed([1]) == []
    note_releases(1, ["1.0"], NOON + 2 * HOUR)
    assert listed([1]) == ["1.0"]
    assert queries.release([1], "1.0").url == ""


def test_a_removed_release_can_be_announced_anew():
    note_releases(1, ["1.0"], NOON)
    services.remove([1], "1.0", NOON + HOUR)
    services.announce([1], "1.0", {}, NOON + HOUR)
    assert listed([1]) == ["1.0"]


def test_commits_are_counted_once_however_many_projects_have_them():
    services.announce([1, 2], "1.0", {}, NOON)
    services.set_commits([1, 2], "1.0", [Commit("c2", "repo"), Commit("c1", "repo"), Commit("c1", "repo")])
    found = queries.release([1, 2], "1.0")
    assert (found.commit_count, found.last_commit.commit_id) == (2, "c2")
    assert [row.commit_id for row in queries.commits([1, 2], "1.0")] == ["c2", "c1"]


def test_commits_take_the_place_of_those_before_them():
    services.set_commits([1], "1.0", [Commit("c1")])
    services.set_commits([1], "1.0", [Commit("c2")])
    assert [row.commit_id for row in queries.commits([1], "1.0")] == ["c2"]
    with pytest.raises(UsageError, match="at most"):
        services.set_commits([1], "1.0", [Commit(str(number)) for number in range(services.MOST_COMMITS + 1)])


def test_the_release_before_is_the_newest_earlier_one_with_commits():
    for place, version in enumerate(["1.0", "1.1", "1.2"]):
        services.announce([1], version, {}, NOON + place * HOUR)
    services.set_commits([1], "1.0", [Commit("c1")])
    assert queries.previous_with_commits([1], "1.2").version == "1.0"
    assert queries.previous_with_commits([1], "not there yet").version == "1.0"
    assert queries.previous_with_commits([1], "1.0") is None


def test_a_ref_takes_the_place_of_the_one_before_it():
    services.set_refs([1], "1.0", [Ref("repo", "c1")])
    services.set_refs([1], "1.0", [Ref("repo", "c2", "c1")])
    assert queries.ReleaseRef.objects.get().previous_commit == "c1"


def test_a_deploy_is_one_over_all_projects_of_the_release():
    services.announce([1, 2], "1.0", {}, NOON)
    made = services.add_deploy([1, 2], "1.0", NewDeploy("production", "first"), NOON)
    services.add_deploy([1, 2], "1.0", NewDeploy("production", "second"), NOON + HOUR)
    assert [row.name for row in queries.deploys([1, 2], "1.0")] == ["second", "first"]
    found = queries.release([1, 2], "1.0")
    assert (found.deploy_count, found.last_deploy.name, made.finished_at) == (2, "second", NOON)


@pytest.mark.parametrize("version", ["", " 1", "1\n", "a/b", "a\\b", "..", "x" * 201, "a\x00"])
def test_a_version_that_cannot_stand_in_an_address_is_refused(version):
    with pytest.raises(UsageError, match="A version has"):
        services.announce([1], version, {}, NOON)


def test_an_unknown_status_or_field_is_refused():
    for fields in ({"status": "shiny"}, {"colour": "red"}):
        with pytest.raises(UsageError):
            services.announce([1], "1.0", fields, NOON)
    assert not SeenRelease.objects.exists()
