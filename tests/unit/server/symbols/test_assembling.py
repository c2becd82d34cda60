import hashlib
import threading
from datetime import timedelta

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.events import bodies
from crashdesk.server.symbols import assembling, limits, queries, services
from crashdesk.server.symbols.assembling import BUNDLE, DEBUG_FILE, Wanted, assemble
from crashdesk.server.symbols.models import Assembly, Chunk
from support import debug_files
from support.debug_files import UUID_TEXT
from support.rows import NOON
from support.stored import bodies_in
from support.waiting import until

pytestmark = pytest.mark.django_db
ELF = debug_files.elf()


@pytest.fixture(autouse=True)
def _bodies(settings, tmp_path):
    bodies_in(settings, tmp_path)


def sha1(content):
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def upload(*chunks, user=1, now=NOON):
    for chunk in chunks:
        services.store_chunk(user, sha1(chunk), [chunk], len(chunk), now)
    return [sha1(chunk) for chunk in chunks]


def wanted(content=ELF, chunks=(), kind=DEBUG_FILE, **more):
    return Wanted(1, 1, kind, sha1(content), list(chunks), **more)


def test_chunks_that_are_missing_are_named_once_each():
    here = upload(ELF[:100])
    found = assemble(wanted(chunks=[*here, "a" * 40, "a" * 40]), NOON)
    assert (found.state, found.missing) == ("not_found", ["a" * 40])


def test_a_file_that_nobody_sends_chunks_for_is_not_found():
    assert assemble(wanted(), NOON).state == "not_found"


def test_a_file_is_put_together_and_told_by_its_headers():
    found = assemble(wanted(chunks=upload(ELF[:100], ELF[100:]), name="libapp.so"), NOON)
    assert found.state == "ok"
    assert (found.file.kind, found.file.arch, found.file.name) == ("elf", "x86_64", "libapp.so")
    assert b"".join(queries.content(found.file)) == ELF
    assert [row.id for row in queries.files_with_debug_ids(1, [found.file.debug_id.upper()]).popitem()[1]]


def test_a_file_that_is_there_needs_no_chunks_again():
    assemble(wanted(chunks=upload(ELF)), NOON)
    assert assemble(wanted(chunks=["f" * 40]), NOON).state == "ok"
    assert queries.debug_file_with_checksum(2, sha1(ELF)) is None


def test_chunks_of_another_person_are_no_chunks():
    chunks = upload(ELF, user=2)
    assert assemble(wanted(chunks=chunks), NOON).missing == chunks


@pytest.mark.parametrize(
    ("content", "words"), [(b"not what was announced", "do not make up"), (b"no debug file", "no debug file of a kind")]
)
def test_what_cannot_be_kept_is_an_error_in_a_sentence(content, words):
    target = ELF if "announced" in words or "make up" in words else content
    found = assemble(wanted(target, chunks=upload(content)), NOON)
    assert found.state == "error"
    assert words in found.detail


def test_a_bundle_is_kept_with_its_files_by_release_and_by_debug_id():
    content = debug_files.bundle(debug_files.minified())
    assert assemble(wanted(content, upload(content), BUNDLE, release="1.0", dist="7"), NOON).state == "ok"
    [bundle] = queries.bundles(1)
    assert (bundle.release, bundle.dist, bundle.file_count) == ("1.0", "7", 2)
    assert [row.url for row in queries.artifacts_with_debug_ids(1, [UUID_TEXT.replace("-", "")])] == [
        "~/m.js",
        "~/m.js.map",
    ]
    assert [row.path for row in queries.artifacts_at(1, "1.0", ["~/m.js"])] == ["files/_/_/m.js"]
    assert queries.artifacts_at(1, "2.0", ["~/m.js"]) == []


def test_a_bundle_can_belong_to_several_releases():
    content = debug_files.bundle(debug_files.minified())
    chunks = upload(content)
    for release in ("1.0", "2.0", "2.0"):
        assert assemble(wanted(content, chunks, BUNDLE, release=release), NOON).state == "ok"
    assert [row.release for row in queries.bundles(1)] == ["2.0", "1.0"]


def test_a_chunk_is_kept_once_and_forgotten_after_a_day():
    upload(ELF)
    upload(ELF, now=NOON + timedelta(hours=20))
    assert Chunk.objects.count() == 1
    assert services.forget_chunks(NOON + timedelta(hours=40)) == 0
    assert services.forget_chunks(NOON + timedelta(hours=45)) == 1


def test_deleting_takes_the_bytes_too():
    row = assemble(wanted(chunks=upload(ELF)), NOON).file
    services.delete_debug_file(row)
    assert queries.debug_file(1, row.id) is None
    with pytest.raises(StorageError):
        list(bodies.blobs().pieces(row.blob))


def test_a_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(assembling, "FILE_BYTES", 10)
    assert "larger" in assemble(wanted(chunks=upload(ELF)), NOON).detail


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_put_together_beside_the_request(monkeypatch):
    monkeypatch.setattr(assembling, "INLINE_BYTES", 10)
    chunks = upload(ELF)
    assert assemble(wanted(chunks=chunks), NOON).state == "assembling"
    until(lambda: assemble(wanted(chunks=chunks), NOON).state == "ok", what="the file to be there")
    until(lambda: not Assembly.objects.exists(), what="its state to be forgotten")


def test_a_file_for_which_the_disk_has_no_room_is_not_begun():
    asked = []

    def is_full(size):
        asked.append(size)
        raise StorageError("full")

    with pytest.raises(StorageError):
        assemble(wanted(chunks=upload(ELF)), NOON, is_full)
    assert asked == [2 * len(ELF)]


def test_a_file_of_more_chunks_than_a_file_may_have_is_refused_before_they_are_looked_up():
    assert "chunks" in assemble(wanted(chunks=["0" * 40] * 50_000), NOON).detail


def test_only_so_many_files_are_put_together_at_a_time(monkeypatch):
    monkeypatch.setattr(assembling, "INLINE_BYTES", 10)
    begun = []
    monkeypatch.setattr(assembling, "_build_beside", begun.append)
    contents = [debug_files.elf(bytes([number] * 20)) for number in range(assembling.MOST_BESIDE + 3)]
    monkeypatch.setattr(assembling, "_beside_now", threading.BoundedSemaphore(assembling.MOST_BESIDE))
    states = {assemble(wanted(content, upload(content)), NOON).state for content in contents}
    assert (states, len(begun), Assembly.objects.count()) == ({"assembling"}, assembling.MOST_BESIDE, 2)


@pytest.mark.django_db(transaction=True)
def test_what_failed_beside_the_request_is_told_once_and_tried_again(monkeypatch):
    monkeypatch.setattr(assembling, "INLINE_BYTES", 10)
    chunks = upload(b"no debug file at all")
    order = wanted(b"no debug file at all", chunks)
    assert assemble(order, NOON).state == "assembling"
    until(lambda: Assembly.objects.filter(state="error").exists(), what="the failure to be noted")
    assert "no debug file" in assemble(order, NOON).detail
    assert not Assembly.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_assembly_whose_process_was_killed_begins_anew(monkeypatch):
    monkeypatch.setattr(assembling, "INLINE_BYTES", 10)
    chunks = upload(ELF)
    Assembly.objects.create(project_id=1, kind=DEBUG_FILE, checksum=sha1(ELF), state="assembling", changed_at=NOON)
    soon, later = NOON + timedelta(seconds=5), NOON + timedelta(seconds=limits.STALE_SECONDS + 1)
    assert assemble(wanted(chunks=chunks), soon).state == "assembling"
    assert queries.debug_files(1) == []
    assemble(wanted(chunks=chunks), later)
    until(lambda: queries.debug_files(1), what="the file to be there")
    until(lambda: not Assembly.objects.exists(), what="its state to be forgotten")
