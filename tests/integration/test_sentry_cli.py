"""The published sentry-cli, versions 3 and 2, against a running server: every command ends with 0, nothing is lost."""

import hashlib
import io
import json
import subprocess
import zipfile
from types import SimpleNamespace

import pytest

from support import debug_files
from support.clients import SentryCli
from support.servers import running_server
from support.waiting import until

VERSIONS = ("3", "2")
SCRIPT = 'function a(){throw new Error("x")}\n//# sourceMappingURL=m.js.map\n'
SOURCE_MAP = {"version": 3, "sources": ["a.js"], "sourcesContent": ["function a(){}"], "names": [], "mappings": "AAAA"}
MAPPING = b"a.B -> c:\n    1:1:void d() -> e\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module", params=VERSIONS)
def desk(request, server, tmp_path_factory):
    """One version of sentry-cli in a folder of its own, with a release of its own."""
    home = tmp_path_factory.mktemp("home")
    cli = SentryCli(request.param, home, environment(server))
    return SimpleNamespace(cli=cli, home=home, server=server, release=f"app@1.{request.param}", major=request.param)


def environment(server):
    return {
        "SENTRY_URL": server.url,
        "SENTRY_AUTH_TOKEN": server.token,
        "SENTRY_ORG": "main",
        "SENTRY_PROJECT": server.project,
        "SENTRY_DSN": server.dsn,
    }


def release(desk):
    return desk.server.api(f"organizations/main/releases/{desk.release}/")


def downloaded(desk, path):
    status, body = desk.server.get(f"/api/0/{path}", {"Authorization": f"Bearer {desk.server.token}"})
    assert status == 200
    return body


def below(desk, path):
    return f"projects/main/{desk.server.project}/{path}"


def test_who_and_what_is_there(desk):
    assert "admin@example.org" in desk.cli.run("info")
    assert "main" in desk.cli.run("organizations", "list")
    assert desk.server.project in desk.cli.run("projects", "list")
    assert "No repos" in desk.cli.run("repos", "list")
    desk.cli.run("monitors", "list")


def test_a_release_goes_its_way(desk):
    desk.cli.run("releases", "new", desk.release)
    desk.cli.run("releases", "new", desk.release)
    assert desk.release in desk.cli.run("releases", "list")
    desk.cli.run("releases", "finalize", desk.release)
    assert release(desk)["dateReleased"]
    desk.cli.run("releases", "archive", desk.release)
    assert release(desk)["status"] == "archived"
    desk.cli.run("releases", "restore", desk.release)
    assert release(desk)["status"] == "open"
    assert desk.release in desk.cli.run("releases", "info", desk.release, "--show-projects")


def test_commits_come_from_the_repository(desk):
    git = ["git", "-c", "user.name=Anna", "-c", "user.email=anna@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=desk.home, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Mend the filter"], cwd=desk.home, check=True)
    desk.cli.run("releases", "set-commits", desk.release, "--local", "--ignore-missing")
    [commit] = desk.server.api(f"organizations/main/releases/{desk.release}/commits/")
    assert (commit["message"], commit["author"]["email"]) == ("Mend the filter\n", "anna@example.org")
    assert commit["id"] == release(desk)["lastCommit"]["id"]
    assert commit["id"][:7] in desk.cli.run("releases", "info", desk.release, "--show-commits")


def test_deploys_are_noted(desk):
    desk.cli.run("deploys", "new", "-r", desk.release, "-e", "production", "-n", "first")
    assert "production" in desk.cli.run("deploys", "list", "-r", desk.release)
    assert release(desk)["deployCount"] == 1


def test_debug_files_are_kept_as_they_are(desk):
    content = debug_files.elf(desk.major.encode() * 20)
    (desk.home / "libapp.so").write_bytes(content)
    desk.cli.run("debug-files", "upload", "--wait", "libapp.so")
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    [row] = [row for row in desk.server.api(below(desk, "files/dsyms/")) if row["sha1"] == checksum]
    assert (row["symbolType"], row["cpuName"], row["objectName"]) == ("elf", "x86_64", "libapp.so")
    assert row["debugId"] in desk.cli.run("debug-files", "check", "libapp.so")
    assert downloaded(desk, below(desk, f"files/dsyms/?id={row['id']}")) == content
    desk.cli.run("debug-files", "upload", "--wait", "libapp.so")
    assert len([row for row in desk.server.api(below(desk, "files/dsyms/")) if row["sha1"] == checksum]) == 1


def test_a_large_file_comes_in_many_chunks(desk):
    content = debug_files.elf(bytes([7, int(desk.major)]) * 10) + bytes(range(256)) * (80 * 1024)
    (desk.home / "libbig.so").write_bytes(content)
    desk.cli.run("debug-files", "upload", "--wait", "libbig.so")
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    [row] = [row for row in desk.server.api(below(desk, "files/dsyms/")) if row["sha1"] == checksum]
    got = downloaded(desk, below(desk, f"files/dsyms/?id={row['id']}"))
    assert hashlib.sha1(got, usedforsecurity=False).hexdigest() == checksum


def test_mappings_of_proguard_are_kept(desk):
    content = MAPPING + desk.major.encode()
    (desk.home / "mapping.txt").write_bytes(content)
    desk.cli.run("upload-proguard", "mapping.txt")
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    [row] = [row for row in desk.server.api(below(desk, "files/dsyms/")) if row["sha1"] == checksum]
    assert row["symbolType"] == "proguard"
    if desk.major == "3":
        assert row["debugId"] in desk.cli.run("proguard", "uuid", "mapping.txt")
    assert downloaded(desk, below(desk, f"files/dsyms/?id={row['id']}")) == content


def test_source_maps_are_kept_with_their_debug_ids(desk):
    folder = desk.home / "dist"
    folder.mkdir()
    (folder / "m.js").write_text(f"/* {desk.major} */ {SCRIPT}")
    (folder / "m.js.map").write_text(json.dumps(SOURCE_MAP))
    desk.cli.run("sourcemaps", "inject", "dist")
    desk.cli.run("sourcemaps", "upload", "-r", desk.release, "--wait", "dist")
    bundles = desk.server.api(below(desk, "files/artifact-bundles/"))
    [bundle] = [row for row in bundles if row["associations"] == [{"release": desk.release, "dist": None}]]
    files = desk.server.api(below(desk, f"files/artifact-bundles/{bundle['id']}/files/"))
    assert {row["url"] for row in files} == {"~/m.js", "~/m.js.map"}
    assert len({row["debugId"] for row in files}) == 1
    assert files[0]["debugId"]
    content = downloaded(desk, below(desk, f"files/artifact-bundles/{bundle['id']}/?download=1"))
    archive = zipfile.ZipFile(io.BytesIO(content[content.index(b"PK") :]))
    [script] = [row["filePath"] for row in files if row["url"] == "~/m.js"]
    assert archive.read(script) == (folder / "m.js").read_bytes()


def test_source_maps_can_come_without_a_release(desk):
    desk.cli.run("sourcemaps", "upload", "--wait", "dist")


def test_events_and_envelopes_arrive(desk):
    event_id = hashlib.md5(desk.major.encode(), usedforsecurity=False).hexdigest()
    envelope = desk.home / "one.envelope"
    header = json.dumps({"event_id": event_id, "dsn": desk.server.dsn})
    envelope.write_text(f'{header}\n{{"type":"event"}}\n{{"message":"From an envelope {desk.major}"}}\n')
    desk.cli.run("send-event", "-m", f"Sent by hand {desk.major}", "-r", desk.release)
    desk.cli.run("send-envelope", envelope.name)
    events = until(lambda: _both(desk), what="both events to be stored")
    assert event_id in {row["eventID"] for row in events}
    desk.cli.run("events", "list")
    assert desk.server.api(below(desk, f"events/{event_id}/"))["message"] == f"From an envelope {desk.major}"
    assert release(desk)["lastEvent"]


def test_issues_are_resolved_muted_and_opened_again(desk):
    issues = {row["id"] for row in desk.server.api(below(desk, "issues/"))}
    chosen = min(issues)
    assert chosen in desk.cli.run("issues", "list")
    for command, status in (("resolve", "resolved"), ("mute", "ignored"), ("unresolve", "unresolved")):
        desk.cli.run("issues", command, "-i", chosen)
        assert desk.server.api(f"issues/{chosen}/")["status"] == status
    desk.cli.run("issues", "resolve", "--all")
    assert {row["status"] for row in desk.server.api(below(desk, "issues/"))} == {"resolved"}
    desk.cli.run("issues", "unresolve", "--status", "resolved")
    assert {row["status"] for row in desk.server.api(below(desk, "issues/"))} == {"unresolved"}


def test_a_deleted_release_is_not_there(desk):
    desk.cli.run("releases", "new", f"{desk.release}.9")
    desk.cli.run("releases", "delete", f"{desk.release}.9")
    code, _ = desk.cli.tell("releases", "info", f"{desk.release}.9")
    assert code == 1


def test_a_wrong_token_is_told(desk):
    wrong = SentryCli(desk.major, desk.home, {**environment(desk.server), "SENTRY_AUTH_TOKEN": "cdt_wrong"})
    code, printed = wrong.tell("projects", "list")
    assert code == 1
    assert "401" in printed


def _both(desk):
    found = desk.server.api(below(desk, "events/"))
    mine = [row for row in found if row["message"].endswith(desk.major)]
    return mine if len(mine) == 2 else None
