import pytest

from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.issues.paging import SORTS
from crashdesk.server.issues.search import KEYS
from crashdesk.server.issues.states import STATES
from crashdesk.server.triage import handbook, issues, words


def text_of(name):
    return next(page.html for page in handbook.pages() if page.name == name)


@pytest.mark.parametrize("name", [page.name for page in handbook.pages()])
def test_every_page_is_served(desk, text, name):
    assert "<h1>" in text(desk.viewer.get(f"/help/{name}/"))


def test_an_unknown_page_is_not_found(desk):
    assert desk.viewer.get("/help/nothing/").status_code == 404


def test_every_key_of_the_search_is_explained_with_its_values():
    page = text_of("search")
    for key in KEYS.values():
        assert f"<code>{key.name}:</code>" in page
        assert all(f"<code>{value}</code>" in page for value in key.values)


def test_every_kind_and_state_is_explained():
    assert all(f"<code>{kind}</code>" in text_of("search") for kind in words.KINDS if kind != "feedback")
    assert all(f"<strong>{state}</strong>" in text_of("issues") for state in STATES)


def test_every_role_and_scope_is_explained_as_the_table_says():
    assert all(f"<td>{role.name}</td>\n<td>{role.description}</td>" in text_of("people") for role in ROLES.values())
    assert all(f"<td><code>{name}</code></td>\n<td>{means}</td>" in text_of("api") for name, means in SCOPES.items())


def test_pages_know_every_kind_and_every_sorting_that_exists():
    from crashdesk.protocol.event import KINDS

    assert set(KINDS) <= set(words.KINDS)
    assert {column["sort"] for column in issues.COLUMNS if "sort" in column} == set(SORTS)
    assert set(words.STATES) == set(STATES)
