import pytest

from crashdesk.server.projects import queries

PROJECT = "/api/0/projects/main/fieldbook/"


def put(client, address, body):
    return client.put(address, body, content_type="application/json")


def post(client, address, body):
    return client.post(address, body, content_type="application/json")


def test_a_superuser_makes_a_project_with_a_key(desk, found):
    made = found(post(desk.root, "/api/0/organizations/main/projects/", {"name": "My Product!"}), 201)
    assert (made["slug"], made["name"]) == ("my-product", "My Product!")
    [key] = found(desk.root.get("/api/0/projects/main/my-product/keys/"))
    assert key["isActive"]
    found(post(desk.root, "/api/0/organizations/main/projects/", {"name": "x", "slug": "my-product"}), 400)
    found(post(desk.root, "/api/0/organizations/main/projects/", {"name": "!"}), 400)


def test_what_is_chosen_for_a_project_can_be_changed(desk, found):
    quota = {"category": "error", "windowSeconds": 3600, "quantity": 100}
    changes = {"name": "Field Book", "keptItems": [], "hasSpikeProtection": False, "quotas": [quota]}
    changed = found(put(desk.developer, PROJECT, changes))
    assert {key: changed[key] for key in changes} == changes
    assert found(desk.viewer.get(PROJECT)) == changed
    assert found(put(desk.developer, PROJECT, {"quotas": [{**quota, "quantity": None}]}))["quotas"] == []


def test_how_long_is_kept_can_be_changed_in_parts(desk, found):
    before = found(desk.viewer.get(PROJECT))["retention"]
    changed = found(put(desk.developer, PROJECT, {"retention": {"events_days": 30}}))["retention"]
    assert changed == {**before, "events_days": 30}


def test_what_cannot_be_chosen_changes_nothing(desk, found):
    found(put(desk.developer, PROJECT, {"name": "Other", "keptItems": ["nonsense"]}), 400)
    found(put(desk.developer, PROJECT, {"name": "Other", "retention": {"colour": 1}}), 400)
    found(put(desk.developer, PROJECT, {"quotas": [{"category": "x", "windowSeconds": 60, "quantity": 1}]}), 400)
    assert found(desk.viewer.get(PROJECT))["name"] == "Fieldbook"


def test_keys_are_rotated_with_overlap(desk, found):
    new = found(post(desk.developer, f"{PROJECT}keys/", {"name": "2026"}), 201)
    old = queries.keys_of(desk.project)[0].public_key
    assert [row["isActive"] for row in found(desk.viewer.get(f"{PROJECT}keys/"))] == [True, True]
    assert not found(put(desk.developer, f"{PROJECT}keys/{old}/", {"isActive": False}))["isActive"]
    assert desk.developer.delete(f"{PROJECT}keys/{old}/").status_code == 204
    assert [row["id"] for row in found(desk.viewer.get(f"{PROJECT}keys/"))] == [new["id"]]


def test_a_key_can_be_named_and_limited(desk, found):
    address = f"{PROJECT}keys/{queries.keys_of(desk.project)[0].public_key}/"
    changed = found(put(desk.developer, address, {"name": "Beta", "rateLimit": {"window": 60, "count": 5}}))
    assert (changed["label"], changed["rateLimit"]) == ("Beta", {"window": 60, "count": 5})
    assert found(desk.viewer.get(address)) == changed
    assert found(put(desk.developer, address, {"rateLimit": None}))["rateLimit"] is None


@pytest.mark.parametrize("key_id", ["nonsense", "0" * 32])
def test_an_unknown_key_is_not_found(desk, found, key_id):
    found(desk.developer.get(f"{PROJECT}keys/{key_id}/"), 404)
