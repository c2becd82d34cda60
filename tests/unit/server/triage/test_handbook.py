import argparse
import re
from pathlib import Path

import pytest

from crashdesk import settings
from crashdesk.cli import server
from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.api.table import TABLE
from crashdesk.server.collector.limits import LIMITS
from crashdesk.server.collector.metrics import METRICS
from crashdesk.server.events import policies
from crashdesk.server.issues.paging import SORTS
from crashdesk.server.issues.search import KEYS
from crashdesk.server.issues.states import STATES
from crashdesk.server.triage import handbook, issues, words

PLACES = {
    "org": "ORG",
    "name": "PROJECT",
    "issue_id": "ID",
    "event_id": "EVENT_ID",
    "file_id": "FILE_ID",
    "version": "VERSION",
    "key": "TAG",
    "key_id": "KEY",
    "item_id": "ITEM_ID",
    "short_id": "SHORT_ID",
}


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


def test_every_kind_of_item_is_explained_as_the_table_says():
    from crashdesk.protocol.items import ITEM_TYPES

    page = text_of("what-is-kept")
    for row in ITEM_TYPES:
        kept = "always" if row.kept else "never"
        if row.is_optional:
            kept = "unless the project says no" if row.kept else "if the project says so"
        assert f"<td><code>{row.name}</code></td>\n<td>{row.description}</td>\n<td>{kept}" in page


def test_pages_know_every_kind_and_every_sorting_that_exists():
    from crashdesk.protocol.event import KINDS

    assert set(KINDS) <= set(words.KINDS)
    assert {column["sort"] for column in issues.COLUMNS if "sort" in column} == set(SORTS)
    assert set(words.STATES) == set(STATES)


def in_html(text: str) -> str:
    """A table's text as the page shows it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def test_every_setting_of_the_server_is_explained_as_the_table_says():
    page = text_of("settings")
    for setting in settings.SETTINGS:
        row = f"<td><code>{setting.name}</code></td>\n<td><code>{setting.variable}</code></td>\n<td>{setting.unit}</td>"
        assert (row in page) == setting.is_of_server, setting.name
        assert f"<td>{in_html(setting.help)}</td>" in page or not setting.is_of_server, setting.name
    assert page.count("<code>CRASHDESK_") == sum(setting.is_of_server for setting in settings.SETTINGS)


def test_every_limit_of_the_collector_is_explained_as_the_table_says():
    page = text_of("settings")
    for name, row in LIMITS.items():
        value = f"<td>{row.value:,.0f} {row.unit}</td>"
        assert f"<td><code>{name}</code></td>\n{value}\n<td>{in_html(row.help)}</td>" in page, name


def test_every_metric_is_explained_as_the_table_says():
    page = text_of("watching")
    for row in METRICS:
        name = row.name + "_total" * (row.kind == "counter") + "".join(f"{{{label}}}" for label in row.labels)
        assert f"<td><code>{name}</code></td>\n<td>{row.kind}</td>\n<td>{in_html(row.help)}</td>" in page, name


def test_what_is_kept_how_long_is_explained_as_the_table_says():
    page = text_of("backups")
    for row in policies.LIMITS:
        assert f"<td><code>{row.name}</code></td>\n<td>{row.default}</td>\n<td>{in_html(row.help)}</td>" in page, (
            row.name
        )


def test_messages_that_the_handbook_explains_are_said_somewhere():
    sources = "".join(path.read_text("utf-8") for path in Path(settings.__file__).parent.rglob("*.py"))
    told = re.sub(r'"\n\s*f?"', "", sources)
    messages = re.findall(r"<td><em>(.+?)</em></td>", text_of("watching"))
    assert len(messages) >= 10
    parts = [part.strip() for message in messages for part in message.split("…")]
    assert [part for part in parts if part not in told] == []


def test_commands_in_the_handbook_exist():
    parser = argparse.ArgumentParser()
    server.configure(parser)
    for page in handbook.pages():
        for command in re.findall(r"crashdesk server ((?:[a-z-]+ ?){1,3})", re.sub("<[^>]+>", " ", page.html)):
            assert _is_command(parser, command.split()), (page.name, command)


def _is_command(parser: argparse.ArgumentParser, words: list[str]) -> bool:
    """Whether the words begin with a command, or are those below which commands stand."""
    choices = next(
        (action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)), None
    )
    if choices is None or not words:
        return True
    return words[0] in choices and _is_command(choices[words[0]], words[1:])


def test_every_call_of_the_api_is_explained_as_its_table_says():
    """The calls on one issue are listed once, without the organisation before them."""
    page = text_of("api")
    for row in TABLE:
        address = re.sub(r"<\w+:(\w+)>", lambda found: PLACES[found[1]], row.path)
        if not address.startswith("organizations/ORG/issues/ID/"):
            assert f"<code>{row.method} /{address}</code>" in page
