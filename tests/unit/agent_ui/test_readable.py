import pytest

from crashdesk.agent.ui.parts import Part, parts
from crashdesk.agent.ui.readable import raw, readable, size_in_words, title, visible, whole
from crashdesk.protocol.envelope import Item
from support.waiting_reports import envelope, event


def part(key: str, payload: dict | None = None) -> Part:
    return next(one for one in parts(envelope(payload)) if one.key == key)


def test_stack_begins_with_what_failed_and_shows_own_lines() -> None:
    lines = readable(part("error")).splitlines()
    assert lines[0] == "IndexError: list index out of range"
    assert lines[1].strip() == "remove_row  ·  table.py:88"
    assert lines[2].strip() == "entry = self._rows[index.row()]"


def test_steps_are_sentences_with_times() -> None:
    lines = readable(part("steps")).splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("Clicked “Remove” in “Entries”")
    assert lines[1].endswith("Typed in “Filter”  (characters: 4)")


def test_step_without_a_readable_time_still_shows() -> None:
    payload = event() | {"breadcrumbs": [{"message": "went wrong", "timestamp": "soon"}]}
    assert readable(part("steps", payload)) == "--:--:--  went wrong"


def test_facts_are_an_indented_list() -> None:
    assert readable(part("computer")).splitlines()[:3] == [
        "The operating system",
        "    name: Debian GNU/Linux",
        "    version: 12",
    ]


def test_sizes_among_the_facts_read_as_people_say_them() -> None:
    assert "    memory size: 16.0 GB" in readable(part("computer")).splitlines()


def test_packages_come_after_what_is_shorter() -> None:
    shown = readable(part("program", event() | {"modules": {"requests": "2.32"}}))
    assert shown.splitlines()[0] == "The program that reports"
    assert shown.splitlines()[-2:] == ["Python packages installed with the program", "    requests: 2.32"]


def test_facts_nested_without_end_stop_at_a_depth() -> None:
    nested: dict = {}
    inner = nested
    for _level in range(50):
        inner["more"] = {}
        inner = inner["more"]
    inner["end"] = 1
    assert "…" in readable(part("facts", event() | {"extra": nested}))


def test_characters_that_turn_text_around_are_written_out() -> None:
    assert visible("a\u202eb\x00c\n") == "aU+202EbU+0000c\n"


def test_raw_facts_are_the_json_that_is_sent() -> None:
    assert raw(part("facts")) == '{\n  "tags": {\n    "plan": "free"\n  }\n}'


def test_raw_file_that_is_no_text_is_hexadecimal() -> None:
    shown = raw(Part("file:1", 3, b"\xff\xfe\x00", "dump.bin"))
    assert shown == "00000000  ff fe 00"


def test_whole_report_shows_files_that_are_no_text_as_hexadecimal() -> None:
    shown = whole(envelope(None, Item.attachment("dump.bin", b"\xff\xfe")))
    assert shown.splitlines()[-1] == "00000000  ff fe"
    assert '"filename":"dump.bin"' in shown.splitlines()[-2]


def test_long_file_says_how_much_more_there_is() -> None:
    assert raw(Part("file:1", 0, b"\xff" * 70_000)).splitlines()[-1].startswith("… and 4 KB more")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (38_400, "38 KB"),
        (1_230_000, "1.2 MB"),
        (16_000_000_000, "16.0 GB"),
    ],
)
def test_sizes_read_as_people_say_them(count: int, text: str) -> None:
    assert size_in_words(count) == text


def test_file_is_called_by_its_name() -> None:
    assert title(Part("file:1", 3, b"abc", "log\u202e.txt")) == "logU+202E.txt"


def test_number_of_an_installation_says_what_it_is_for() -> None:
    told = readable(part("person", event() | {"user": {"id": "installation-17ab"}}))
    assert told.startswith("A random number")
    assert told.endswith("id: installation-17ab")


def test_user_whom_the_product_named_is_shown_as_named() -> None:
    assert readable(part("person", event() | {"user": {"id": "mia"}})) == "user\n    id: mia"
