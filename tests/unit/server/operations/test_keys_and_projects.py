"""Projects and keys as whoever runs the server handles them."""

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.operations import keys, projects
from crashdesk.server.projects.models import Project, ProjectKey, ProjectQuota


def test_projects_are_listed_with_their_dsn(data):
    (row,) = projects.listed(data)
    key = ProjectKey.objects.get()
    assert row["dsn"] == f"https://{key.public_key}@crashes.example.org/{row['id']}"


def test_a_rotated_key_stands_beside_the_old_one_and_says_how_to_go_on(data):
    old = ProjectKey.objects.get()
    rotated = keys.rotate(data, "fieldbook", "")
    assert rotated["old_ids"] == [old.pk]
    assert f"key disable {old.pk} --project fieldbook" in rotated["next"]
    assert [row["active"] for row in keys.listed(data, "fieldbook")] == [True, True]


def test_a_key_is_disabled_by_its_number_or_its_digits(data):
    key = ProjectKey.objects.get()
    assert keys.switch(data, "fieldbook", key.public_key, is_active=False)["active"] is False
    assert ProjectKey.objects.get().is_active is False
    assert keys.switch(data, "fieldbook", str(key.pk), is_active=True)["active"] is True


def test_a_project_whose_keys_are_all_off_has_no_dsn(data):
    keys.switch(data, "fieldbook", str(ProjectKey.objects.get().pk), is_active=False)
    assert projects.listed(data)[0]["dsn"] == ""
    assert keys.rotate(data, "fieldbook", "")["old"] == []


def test_a_key_that_is_not_there_is_said_with_those_that_are(data):
    with pytest.raises(UsageError, match=rf"no key 999: its keys are {ProjectKey.objects.get().pk}\."):
        keys.switch(data, "fieldbook", "999", is_active=False)


def test_a_project_that_is_not_there_is_said_with_those_that_are(data):
    with pytest.raises(UsageError, match=r"no project editor: there is fieldbook\."):
        keys.listed(data, "editor")


def test_a_key_may_be_limited_and_freed_again(data):
    number = str(ProjectKey.objects.get().pk)
    keys.limit(data, "fieldbook", number, 600)
    assert ProjectKey.objects.get().reports_per_minute == 600
    keys.limit(data, "fieldbook", number, None)
    assert ProjectKey.objects.get().reports_per_minute is None
    with pytest.raises(UsageError, match="disable the key"):
        keys.limit(data, "fieldbook", number, 0)


def test_a_quota_is_set_and_lifted(data):
    projects.set_quota(data, "fieldbook", projects.Quota("error", 3600, 1000))
    assert ProjectQuota.objects.get().quantity == 1000
    projects.set_quota(data, "fieldbook", projects.Quota("error", 3600, None))
    assert not ProjectQuota.objects.exists()


def test_protection_and_kept_items_are_switched(data):
    projects.protect(data, "fieldbook", is_on=False)
    projects.keep(data, "fieldbook", ["security"])
    found = Project.objects.get()
    assert (found.has_spike_protection, found.kept_items) == (False, ["security"])


def test_what_is_kept_how_long_is_shown_and_changed(data):
    assert projects.retention(data, "fieldbook", {})["events_days"] == 90
    assert projects.retention(data, "fieldbook", {"events_days": 30})["events_days"] == 30
    assert projects.retention(data, "fieldbook", {})["events_days"] == 30
    with pytest.raises(UsageError, match="says nothing of 'event_days'"):
        projects.retention(data, "fieldbook", {"event_days": 3})
