import io
import struct
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.symbols import kinds
from crashdesk.server.symbols.debug_ids import normalise
from crashdesk.server.symbols.kinds import elf
from crashdesk.server.symbols.unreadable import UnreadableFileError
from support import debug_files
from support.debug_files import UUID_TEXT


def read(content, name=""):
    return kinds.read(io.BytesIO(content), name)


def test_an_elf_file_is_told_by_its_build_id():
    found = read(debug_files.elf())
    assert (found.kind, found.arch, found.use) == ("elf", "x86_64", "lib")
    assert found.debug_id == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert found.code_id == "000102030405060708090a0b0c0d0e0f10111213"
    assert found.features == ("debug", "unwind")


def test_an_elf_file_whose_code_lies_elsewhere_is_a_debug_file():
    assert read(debug_files.elf(sections=(".debug_info", ".symtab"))).use == "dbg"


def test_an_elf_file_without_a_build_id_is_told_by_its_code_as_breakpad_does():
    found = read(debug_files.elf(b"", sections=(".text",)))
    assert found.debug_id
    assert found == read(debug_files.elf(b"", sections=(".text",)))
    with pytest.raises(UnreadableFileError, match="--build-id"):
        read(debug_files.elf(b"", sections=(".data",)))


@pytest.mark.parametrize("content", [debug_files.mach(), debug_files.fat_mach()])
def test_a_mach_o_file_is_told_by_its_uuid(content):
    found = read(content)
    assert (found.kind, found.arch, found.debug_id, found.use) == ("macho", "arm64", UUID_TEXT, "dbg")
    assert found.features == ("debug",)


def test_a_program_of_windows_and_its_pdb_have_one_debug_id():
    program, database = read(debug_files.pe()), read(debug_files.pdb())
    assert program.debug_id == database.debug_id == f"{UUID_TEXT}-2"
    assert (program.arch, program.use, program.code_id) == ("x86_64", "lib", "650000005000")
    assert (database.arch, database.use) == ("x86_64", "dbg")


def test_a_breakpad_file_is_told_by_its_first_line():
    found = read(debug_files.breakpad())
    assert (found.kind, found.debug_id, found.arch) == ("breakpad", f"{UUID_TEXT}-1", "x86_64")
    assert found.code_id == "0102030405060708"


def test_a_mapping_is_told_by_its_name_or_else_by_its_content():
    content = b"a.B -> c:\n    1:1:void d() -> e\n"
    assert read(content, f"/proguard/{UUID_TEXT}.txt").debug_id == UUID_TEXT
    assert read(content).debug_id == read(content).debug_id != read(content + b"\n").debug_id


def test_sources_are_told_by_the_debug_id_in_their_manifest():
    content = debug_files.bundle({}, debug_id=UUID_TEXT, arch="x86_64")
    found = read(b"SYSB\2\0\0\0" + content)
    assert (found.kind, found.debug_id, found.arch, found.features) == (
        "sourcebundle",
        UUID_TEXT,
        "x86_64",
        ("sources",),
    )


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x7fELF", b"MZ" + bytes(100), b"SYSBPK", b"MODULE x\n", b"\xca\xfe\xba\xbe" * 5]
)
def test_what_is_no_debug_file_is_refused_in_a_sentence(content):
    with pytest.raises(UnreadableFileError, match=r"\.$|:"):
        read(content)


def elf_of_sections(content, rows):
    """Return an ELF file whose section headers all point into the same content."""
    head = struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, 64 + len(content), 0, 64, 0, 0, 64, len(rows), 1)
    packed = [struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, 64, len(content), 0, 0, 1, 0) for name, kind in rows]
    return b"\x7fELF\x02\x01\x01" + bytes(9) + head + content + b"".join(packed)


def test_sections_that_all_name_themselves_by_the_same_megabytes_cost_no_memory():
    content = elf_of_sections(b"a" * (1 << 20), [(place, 1) for place in range(64)])
    tracemalloc.start()
    with suppress(UnreadableFileError):
        read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_of_notes_that_all_lie_in_the_same_place_only_a_bounded_number_is_read(monkeypatch):
    looked_at = []
    monkeypatch.setattr(elf, "_build_id", lambda *place: looked_at.append(place) or b"")
    with suppress(UnreadableFileError):
        read(elf_of_sections(bytes(60_000), [(0, 7)] * 4096))
    assert 0 < len(looked_at) <= elf.MOST_NOTES


MODULE = debug_files.breakpad().split(b"\n")[0]


def test_a_breakpad_file_whose_code_id_is_missing_is_known_by_its_module():
    assert read(MODULE + b"\nINFO CODE_ID \n").code_id == ""


def test_zero_bytes_in_the_text_of_a_breakpad_file_reach_no_database():
    found = read(MODULE.replace(b"x86_64", b"x\0y") + b"\nINFO CODE_ID a\0b\n")
    assert (found.arch, found.code_id) == ("xy", "ab")


SAMPLES = [
    debug_files.elf(), debug_files.mach(), debug_files.fat_mach(), debug_files.pdb(), debug_files.pe(),
    debug_files.breakpad().ljust(3072, b"\n"), b"SYSB\2\0\0\0" + debug_files.bundle({}, debug_id=UUID_TEXT),
]  # fmt: skip


@given(
    st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 3071), st.binary(min_size=1, max_size=8)), max_size=6)
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(content, damages):
    broken = bytearray(content)
    for place, data in damages:
        broken[place : place + len(data)] = data
    with suppress(UnreadableFileError):
        found = read(bytes(broken))
        assert normalise(found.debug_id)
        assert "\0" not in found.arch + found.code_id


@given(st.sampled_from(SAMPLES), st.integers(0, 3072))
def test_a_file_that_ends_too_early_is_read_or_refused(content, size):
    with suppress(UnreadableFileError):
        read(content[:size])


@pytest.mark.parametrize(
    ("written", "own"),
    [
        (UUID_TEXT.upper(), UUID_TEXT),
        (UUID_TEXT.replace("-", ""), UUID_TEXT),
        (f"{{{UUID_TEXT}}}", UUID_TEXT),
        (f"{UUID_TEXT}-0", UUID_TEXT),
        (f"{UUID_TEXT.replace('-', '')}2A", f"{UUID_TEXT}-2a"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_a_debug_id_is_stored_in_one_way_however_it_is_written(written, own):
    assert normalise(written) == own
