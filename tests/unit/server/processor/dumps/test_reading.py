import io
import random
from contextlib import suppress

import pytest

from crashdesk.protocol.envelope import Envelope
from crashdesk.server.processor.dumps.reading import UnreadableDump, facts
from support.dumps import IDENTITY, LINUX, MACOS, WINDOWS, a_dump
from support.samples import sample


def read(dump):
    return facts(io.BytesIO(dump))


def a_real_dump():
    return Envelope.parse(sample("22").unpacked).items[-1].payload


@pytest.mark.parametrize(
    ("platform", "code", "information", "name"),
    [
        (WINDOWS, 0xC0000005, (0, 16), "EXCEPTION_ACCESS_VIOLATION_READ"),
        (WINDOWS, 0xC0000005, (1, 16), "EXCEPTION_ACCESS_VIOLATION_WRITE"),
        (WINDOWS, 0xC00000FD, (), "EXCEPTION_STACK_OVERFLOW"),
        (WINDOWS, 0x12345678, (), "EXCEPTION_0x12345678"),
        (LINUX, 11, (), "SIGSEGV"),
        (LINUX, 6, (), "SIGABRT"),
        (LINUX, 99, (), "SIGNAL_99"),
        (MACOS, 1, (), "EXC_BAD_ACCESS"),
    ],
)
def test_what_ended_the_process_is_named_in_the_words_of_its_system(platform, code, information, name):
    assert read(a_dump(platform, code, information))["exception"]["name"] == name


def test_modules_have_the_ids_by_which_symbols_are_found():
    (module,) = read(a_dump())["modules"]
    assert module == {
        "type": "pe",
        "code_file": "C:\\Program Files\\Fieldbook\\fieldbook.exe",
        "image_addr": "0x400000",
        "image_size": 0x10000,
        "code_id": "5eadbeef10000",
        "debug_id": f"{IDENTITY}-2",
        "debug_file": "C:\\build\\fieldbook.pdb",
    }


def test_the_place_is_where_the_thread_stood():
    assert read(a_dump())["exception"]["instruction_addr"] == "0x401234"


def test_a_dump_of_crashpad_is_read():
    found = read(a_real_dump())
    assert (found["exception"]["name"], found["os"]["name"], found["cpu"]) == ("SIGSEGV", "Linux", "x86_64")
    assert found["damaged"] == []


def test_a_library_sees_the_same(caplog):
    from minidump.minidumpfile import MinidumpFile  # the tests' second opinion

    caplog.set_level("CRITICAL")
    dump = MinidumpFile.parse_bytes(a_real_dump())
    theirs = [(module.name, hex(module.baseaddress), module.size) for module in dump.modules.modules]
    ours = [(one["code_file"], one["image_addr"], one["image_size"]) for one in read(a_real_dump())["modules"]]
    assert ours == theirs


@pytest.mark.parametrize("odd", [b"", b"MDMP", b"MZ" + b"\0" * 100, b"MDMP" + b"\xff" * 60])
def test_what_is_no_dump_is_not_read(odd):
    with pytest.raises(UnreadableDump):
        read(odd)


def test_a_part_that_is_damaged_does_not_cost_the_others():
    dump = bytearray(a_dump())
    dump[:] = dump.replace(b"\x07\0\0\0\x20\0\0\0", b"\x09\0\0\0\x20\0\0\0")  # no system information any more
    found = read(bytes(dump))
    assert (found["damaged"][0], len(found["modules"])) == ("system", 1)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_in_it_reading_ends_and_raises_nothing_else(seed):
    chance = random.Random(seed)
    dump = bytearray(a_real_dump() if seed % 2 else a_dump())
    for _ in range(chance.randint(1, 60)):
        dump[chance.randrange(min(len(dump), 4000))] = chance.choice((0, 0xFF, chance.randrange(256)))
    with suppress(UnreadableDump):
        read(bytes(dump[: chance.randint(0, len(dump))]))
