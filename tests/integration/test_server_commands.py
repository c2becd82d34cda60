"""``crashdesk server ...`` as people and scripts call it: results as JSON, mistakes in one clear sentence."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.server.intake import sqlite
from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Server, free_port, server_command


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Server:
    server = Server(tmp_path_factory.mktemp("commands") / "server", 8300)
    server.init()
    return server


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(server_command(*arguments), capture_output=True, text=True, check=False, timeout=60)


def password_file(tmp_path: Path, password: str = ADMIN_PASSWORD) -> Path:
    (tmp_path / "password").write_text(password + "\n")
    return tmp_path / "password"


def init(tmp_path: Path, *, data: Path | None = None, password: str = ADMIN_PASSWORD, **options: str):
    """Run init with believable options, changed as asked for."""
    chosen = {"url": "http://127.0.0.1:8300", "admin-email": ADMIN_EMAIL, **options}
    flags = [text for name, value in chosen.items() for text in (f"--{name}", value)]
    file = password_file(tmp_path, password)
    return run("init", "--data", data or tmp_path / "server", "--admin-password-file", file, "--json", *flags)


def rows(server: Server, table: str) -> int:
    connection = sqlite.open_for_reading(server.data / "main.sqlite")
    try:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
    finally:
        connection.close()


def test_init_says_what_products_and_scripts_need(server):
    assert Dsn.parse(server.dsn).project_id == "1"
    assert server.token.startswith("cdt_")
    assert server.project == "default"


def test_a_second_init_gives_the_same_dsn_and_a_fresh_token(server):
    dsn, token, tokens = server.dsn, server.token, rows(server, "accounts_token")
    server.init()
    assert server.dsn == dsn
    assert server.token != token
    assert rows(server, "accounts_token") == tokens + 1
    assert (rows(server, "projects_project"), rows(server, "accounts_user")) == (1, 1)


def test_everything_in_the_data_directory_is_private(server):
    modes = {path.name: path.stat().st_mode & 0o777 for path in server.data.iterdir()}
    assert set(modes.values()) <= {0o600, 0o700}
    assert server.data.stat().st_mode & 0o777 == 0o700


def test_init_with_another_project_adds_it(tmp_path):
    first = json.loads(init(tmp_path).stdout)
    second = json.loads(init(tmp_path, project="editor").stdout)
    assert (second["project"], second["org"]) == ("editor", "main")
    assert second["dsn"] != first["dsn"]


def test_init_with_another_address_changes_the_address_only(tmp_path):
    first = Dsn.parse(json.loads(init(tmp_path).stdout)["dsn"])
    second = Dsn.parse(json.loads(init(tmp_path, url="https://crashes.example.org").stdout)["dsn"])
    assert (second.origin, second.public_key) == ("https://crashes.example.org", first.public_key)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "crashes.example.org"}, "not the address of a server"),
        ({"password": "short"}, "at least 8 characters"),
        ({"admin-email": "admin"}, "not an e-mail address"),
        ({"project": "My Project"}, "cannot stand in an address"),
        ({"org": "My Org"}, "cannot stand in an address"),
    ],
)
def test_a_mistake_is_said_in_one_line_and_leaves_nothing_behind(tmp_path, changes, sentence):
    done = init(tmp_path, **changes)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr
    assert not (tmp_path / "server").exists()


def test_another_organisation_is_refused(tmp_path):
    init(tmp_path, org="acme")
    done = init(tmp_path, org="other")
    assert done.returncode == 2
    assert "organisation of this server is acme" in done.stderr
    assert json.loads(init(tmp_path).stdout)["org"] == "acme"


def test_a_place_where_nothing_can_be_written_is_said(tmp_path):
    done = init(tmp_path, data=Path("/proc/crashdesk"))
    assert done.returncode == 1
    assert "cannot be made" in done.stderr


def test_a_password_file_that_is_not_there_is_said(tmp_path):
    done = run(
        "init", "--data", tmp_path / "s", "--url", "http://h", "--admin-email", ADMIN_EMAIL,
        "--admin-password-file", tmp_path / "nowhere",
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be read" in done.stderr


def test_a_project_is_added_with_its_dsn(server):
    added = server.command("project", "add", "editor", "--json")
    assert added["project"] == "editor"
    assert Dsn.parse(added["dsn"]).project_id == added["id"] != "1"
    done = run("project", "add", "editor", "--data", server.data)
    assert done.returncode == 2
    assert "already" in done.stderr


def test_a_person_is_let_into_a_project(server, tmp_path):
    file = password_file(tmp_path)
    options = ("--role", "developer", "--project", "default", "--password-file", file, "--json")
    added = server.command("user", "add", "greta@example.org", *options)
    assert added == {"email": "greta@example.org", "role": "developer", "project": "default"}
    assert server.command("user", "add", "greta@example.org", *options) == added  # another time changes nothing


@pytest.mark.parametrize(
    ("role", "project", "sentence"), [("king", "default", "no role king"), ("viewer", "nowhere", "no project nowhere")]
)
def test_a_person_needs_a_role_and_a_project_that_exist(server, tmp_path, role, project, sentence):
    people = rows(server, "accounts_user")
    done = run(
        "user", "add", "otto@example.org", "--role", role, "--project", project,
        "--password-file", password_file(tmp_path), "--data", server.data,
    )  # fmt: skip
    assert done.returncode == 2
    assert sentence in done.stderr
    assert rows(server, "accounts_user") == people


def test_a_token_is_made_for_a_person_with_scopes(server):
    added = server.command("token", "add", "--user", ADMIN_EMAIL, "--scope", "event:read", "project:read", "--json")
    assert added["token"].startswith("cdt_")
    assert added["scopes"] == ["event:read", "project:read"]


@pytest.mark.parametrize(
    ("user", "scope", "sentence"),
    [("nobody@example.org", "event:read", "no account for"), (ADMIN_EMAIL, "all", "needs scopes out of")],
)
def test_a_token_needs_a_person_and_scopes_that_exist(server, user, scope, sentence):
    done = run("token", "add", "--user", user, "--scope", scope, "--data", server.data)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_results_are_also_printed_for_people(server):
    done = run("token", "add", "--user", ADMIN_EMAIL, "--scope", "event:read", "--data", server.data)
    assert "token: cdt_" in done.stdout
    assert "scopes: event:read\n" in done.stdout


@pytest.mark.parametrize("command", [("run",), ("migrate",), ("project", "add", "x")])
def test_a_directory_without_a_server_is_said(tmp_path, command):
    done = run(*command, "--data", tmp_path)
    assert done.returncode == 2
    assert "holds no Crashdesk server: run crashdesk server init" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_directory_is_said():
    done = run("migrate")
    assert done.returncode == 2
    assert "--data DIR" in done.stderr


def test_a_port_in_use_is_said_before_anything_is_started(server):
    before = sorted(path.name for path in server.data.iterdir() if path.suffix != ".lock")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("run", "--data", server.data, "--port", taken.getsockname()[1])
    assert (done.returncode, done.stdout) == (1, "")
    assert "another program listens there" in done.stderr
    assert sorted(path.name for path in server.data.iterdir() if path.suffix != ".lock") == before


def test_another_database_than_the_one_there_is_refused(server):
    done = run("run", "--data", server.data, "--database", "postgresql://localhost/x")
    assert done.returncode == 2
    assert "This server keeps its data in" in done.stderr
    assert "backup and restore" in done.stderr


def test_a_newer_schema_is_refused_in_one_sentence(tmp_path):
    init(tmp_path)
    connection = sqlite.library().connect(tmp_path / "server" / "main.sqlite")
    with connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('events', '0999_from_the_future', '2030-01-01')"
        )
    connection.close()
    done = run("run", "--data", tmp_path / "server", "--port", free_port())
    assert done.returncode == 1
    assert "newer Crashdesk (it has events.0999_from_the_future)" in done.stderr
    assert done.stderr.count("\n") == 1
