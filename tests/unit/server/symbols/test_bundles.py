import io
import struct
import zipfile

import pytest

from crashdesk.server.symbols import bundles
from crashdesk.server.symbols.unreadable import UnreadableFileError
from support import debug_files
from support.debug_files import UUID_TEXT


def read(content):
    return bundles.read(io.BytesIO(content))


def test_the_manifest_tells_addresses_and_debug_ids():
    found = read(debug_files.bundle(debug_files.minified(), debug_id="b"))
    script, source_map = found.files
    assert (script.url, script.kind, script.debug_id, script.source_map) == (
        "~/m.js", "minified_source", UUID_TEXT, "m.js.map",
    )  # fmt: skip
    assert (source_map.path, source_map.debug_id) == ("files/_/_/m.js.map", UUID_TEXT)
    assert found.attributes["debug_id"] == "b"


def test_what_the_manifest_lists_and_the_zip_lacks_is_left_out():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("manifest.json", '{"files": {"gone.js": {"url": "~/gone.js"}, "x": 5}}')
    assert read(content.getvalue()).files == ()


@pytest.mark.parametrize(
    "manifest", ["[]", "5", '{"files": []}', '{"files": {"manifest.json": {"headers": "x", "url": 7}}}']
)
def test_a_manifest_of_odd_values_is_as_good_as_an_empty_one(manifest):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("manifest.json", manifest)
    assert all(file.url == "" for file in read(content.getvalue()).files)


@pytest.mark.parametrize("content", [b"", b"PK", debug_files.bundle({})[:-30], b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_with_a_manifest_is_refused(content):
    with pytest.raises(UnreadableFileError):
        read(content)


def test_a_manifest_that_unpacks_to_more_than_is_read_is_refused(monkeypatch):
    monkeypatch.setattr(bundles, "MANIFEST_BYTES", 1000)
    with pytest.raises(UnreadableFileError, match="larger"):
        read(debug_files.bundle({}, comment="a" * 2000))


def test_a_zip_whose_list_would_fill_the_memory_is_refused():
    content = bytearray(debug_files.bundle({}))
    struct.pack_into("<L", content, len(content) - 10, bundles.DIRECTORY_BYTES + 1)
    with pytest.raises(UnreadableFileError, match="in parts"):
        read(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_ways_that_are_only_unpacked_at_once_is_refused(method):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(UnreadableFileError, match="deflate"):
        read(content.getvalue())
    with pytest.raises(UnreadableFileError, match="deflate"):
        list(next(bundles.entries(content))[1])


def test_a_wide_list_of_files_behind_a_small_one_is_refused():
    content = debug_files.bundle({})
    end = len(content) - 22
    wide = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, bundles.DIRECTORY_BYTES + 1, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    with pytest.raises(UnreadableFileError, match="in parts"):
        read(content[:end] + wide + locator + content[end:])


def test_all_files_of_a_zip_together_have_a_bound(monkeypatch):
    monkeypatch.setattr(bundles, "UNPACKED_BYTES", 100)
    content = debug_files.bundle({"a": ({}, bytes(60)), "b": ({}, bytes(60))})
    with pytest.raises(UnreadableFileError, match="in all"):
        [list(pieces) for _, pieces in bundles.entries(io.BytesIO(content))]


def test_a_bomb_in_a_zip_that_is_taken_apart_ends_at_the_bound(monkeypatch):
    monkeypatch.setattr(bundles, "ENTRY_BYTES", 1 << 20)
    content = debug_files.bundle({"zeros": ({}, bytes(3 << 20))})
    archive = bundles.entries(io.BytesIO(content))
    _, pieces = next(archive)
    with pytest.raises(UnreadableFileError, match="larger"):
        list(pieces)


def test_a_damaged_file_in_a_zip_is_refused():
    content = bytearray(debug_files.bundle({"a": ({}, bytes(range(256)))}))
    content[40:60] = bytes(20)
    archive = bundles.entries(io.BytesIO(bytes(content)))
    _, pieces = next(archive)
    with pytest.raises(UnreadableFileError, match="damaged"):
        list(pieces)
