import gzip
import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crashdesk.server.api import uploads
from crashdesk.server.symbols import limits
from crashdesk.server.symbols.models import Chunk
from support import debug_files

UPLOAD = "/api/0/organizations/main/chunk-upload/"
DIFS = "/api/0/projects/main/fieldbook/files/difs/assemble/"
FILES = "/api/0/projects/main/fieldbook/files/dsyms/"
BUNDLE = "/api/0/organizations/main/artifactbundle/assemble/"
BUNDLES = "/api/0/projects/main/fieldbook/files/artifact-bundles/"
ELF = debug_files.elf()


def sha1(content):
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def send(client, *chunks, part="file"):
    files = [
        SimpleUploadedFile(sha1(chunk), gzip.compress(chunk) if part == "file_gzip" else chunk) for chunk in chunks
    ]
    return client.post(UPLOAD, {part: files})


def ask(client, address, body):
    return client.post(address, body, content_type="application/json")


def upload(desk, found, content=ELF):
    found(send(desk.developer, content))
    wanted = {"name": "libapp.so", "debug_id": None, "chunks": [sha1(content)]}
    return found(ask(desk.developer, DIFS, {sha1(content): wanted}))[sha1(content)]


def test_clients_are_told_how_to_send(desk, found):
    options = found(desk.developer.get(UPLOAD))
    assert options["url"] == f"http://desk.example{UPLOAD}"
    assert (options["hashAlgorithm"], options["chunkSize"]) == ("sha1", 8 * 1024 * 1024)
    assert {"debug_files", "artifact_bundles_v2", "proguard"} <= set(options["accept"])


@pytest.mark.parametrize("part", ["file", "file_gzip"])
def test_a_file_is_sent_put_together_listed_and_given_back(desk, found, part):
    first = found(ask(desk.developer, DIFS, {sha1(ELF): {"name": "libapp.so", "chunks": [sha1(ELF)]}}))[sha1(ELF)]
    assert (first["state"], first["missingChunks"]) == ("not_found", [sha1(ELF)])
    found(send(desk.developer, ELF, part=part))
    done = found(ask(desk.developer, DIFS, {sha1(ELF): {"name": "libapp.so", "chunks": [sha1(ELF)]}}))[sha1(ELF)]
    assert (done["state"], done["dif"]["objectName"], done["dif"]["cpuName"]) == ("ok", "libapp.so", "x86_64")
    assert found(desk.viewer.get(FILES)) == found(desk.viewer.get(FILES, {"query": "libapp"})) == [done["dif"]]
    assert found(desk.viewer.get(FILES, {"debug_id": done["dif"]["debugId"].upper()})) == [done["dif"]]
    assert found(desk.viewer.get(FILES, {"query": "nothing"})) == []
    assert desk.viewer.get(FILES, {"id": done["dif"]["id"]}).getvalue() == ELF


def test_a_deleted_file_is_gone(desk, found):
    address = f"{FILES}?id={upload(desk, found)['dif']['id']}"
    assert desk.developer.delete(address).status_code == 204
    found(desk.developer.delete(address), 404)
    found(desk.viewer.get(address), 404)


def test_a_file_that_is_none_is_an_error_with_its_reason(desk, found):
    answer = upload(desk, found, b"no debug file")
    assert (answer["state"], answer["dif"]) == ("error", None)
    assert "no debug file of a kind" in answer["detail"]


def test_a_bundle_is_kept_for_its_release(desk, found):
    content = debug_files.bundle(debug_files.minified(), debug_id="b")
    body = {"checksum": sha1(content), "chunks": [sha1(content)], "projects": ["fieldbook"], "version": "1.0"}
    assert found(ask(desk.developer, BUNDLE, body))["missingChunks"] == [sha1(content)]
    found(send(desk.developer, content))
    assert found(ask(desk.developer, BUNDLE, body)) == {"state": "ok", "missingChunks": [], "detail": None}
    [row] = found(desk.viewer.get(BUNDLES))
    assert row["associations"] == [{"release": "1.0", "dist": None}]
    assert found(desk.viewer.get(f"{BUNDLES}{row['id']}/")) == row
    assert len(found(desk.viewer.get(f"{BUNDLES}{row['id']}/files/"))) == 2
    assert desk.viewer.get(f"{BUNDLES}{row['id']}/", {"download": 1}).getvalue() == content
    assert desk.developer.delete(f"{BUNDLES}{row['id']}/").status_code == 204
    assert found(desk.viewer.get(BUNDLES)) == []


def test_a_bundle_belongs_to_a_project(desk, found):
    body = {"checksum": "a" * 40, "chunks": [], "projects": []}
    assert "project" in found(ask(desk.developer, BUNDLE, body), 400)["detail"]
    found(ask(desk.developer, BUNDLE, {**body, "projects": ["elsewhere"]}), 404)


def refused(desk, found, name, content, part="file"):
    answer = found(desk.developer.post(UPLOAD, {part: SimpleUploadedFile(name, content)}), 400)
    assert not Chunk.objects.exists()
    return answer["detail"]


def test_a_chunk_with_other_bytes_than_its_name_says_is_refused(desk, found):
    assert "other bytes" in refused(desk, found, "a" * 40, b"x")
    assert "SHA-1" in refused(desk, found, "name.txt", b"x")


def test_broken_and_endless_compression_is_refused(desk, found, monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_BYTES", 1 << 20)
    zeros = bytes(3 << 20)
    assert "at most" in refused(desk, found, sha1(zeros), gzip.compress(zeros), "file_gzip")
    assert "too early" in refused(desk, found, sha1(b"x"), gzip.compress(b"x")[:-4], "file_gzip")
    assert "not gzip" in refused(desk, found, sha1(b"x"), b"no gzip at all", "file_gzip")


def test_one_broken_chunk_keeps_out_its_whole_request(desk, found):
    files = [SimpleUploadedFile(sha1(b"x"), b"x"), SimpleUploadedFile("a" * 40, b"y")]
    found(desk.developer.post(UPLOAD, {"file": files}), 400)
    assert not Chunk.objects.exists()


def test_what_is_no_upload_is_a_400(desk, found):
    found(desk.developer.post(UPLOAD), 400)
    found(desk.developer.post(UPLOAD, b"--x", content_type="multipart/form-data; boundary=y"), 400)
    found(desk.developer.post(UPLOAD, b"x", content_type="multipart/form-data"), 400)
    found(ask(desk.developer, DIFS, {"short": {"name": "a", "chunks": []}}), 400)
    found(ask(desk.developer, DIFS, []), 400)
    found(desk.developer.post(FILES, {"file": SimpleUploadedFile("a.zip", b"PK")}), 400)
    found(desk.developer.post(FILES), 400)


def test_a_full_disk_refuses_chunks_and_keeps_its_reserve(desk, found, monkeypatch):
    monkeypatch.setattr(uploads, "has_room", lambda *_: False)
    answer = send(desk.developer, ELF)
    assert "nearly full" in found(answer, 503)["detail"]
    assert answer["Retry-After"] == "60"


def test_large_parts_leave_no_file_behind(desk, found, tmp_path):
    found(send(desk.developer, bytes(3 << 20)))
    assert {path.name for path in tmp_path.iterdir()} <= {"blobs", "blobs.lock"}
