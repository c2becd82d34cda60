"""Likeness keys: what makes two failures alike."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.likeness import LIKENESS_VERSION, likeness_key


def frame(function, module="fieldbook.table", *, own=True, line=1):
    return {"module": module, "function": function, "in_app": own, "lineno": line, "filename": f"{function}.py"}


def failure(kind="TypeError", value="x", frames=None, **more):
    frames = frames or [frame("main"), frame("filter_rows"), frame("loads", "json", own=False)]
    exception = {"type": kind, "value": value, "stacktrace": {"frames": frames}}
    return {"platform": "python", "exception": {"values": [exception]}, **more}


KEY = likeness_key(failure())


def test_a_key_tells_its_version():
    version, _, digits = KEY.partition("-")
    assert version == str(LIKENESS_VERSION)
    assert len(digits) == 16
    assert int(digits, 16) >= 0


def test_a_key_of_version_one_never_changes():
    assert KEY == "1-5aaa5cf0802cbd9f"


@pytest.mark.parametrize(
    "other",
    [
        failure(value="another row 17"),
        failure(frames=[frame("main", line=9), frame("filter_rows", line=90), frame("loads", "json", own=False)]),
        failure(frames=[frame("main"), frame("filter_rows"), frame("load", "orjson", own=False)]),
        failure(frames=[frame("main"), frame("filter_rows"), frame("<listcomp>")]),
        failure(release="fieldbook@9", event_id="a" * 32, user={"id": 7}),
    ],
)
def test_values_lines_foreign_frames_and_releases_do_not_matter(other):
    assert likeness_key(other) == KEY


@pytest.mark.parametrize(
    "other",
    [
        failure("ValueError"),
        failure(frames=[frame("main"), frame("sort_rows")]),
        failure(contexts={"crashdesk": {"kind": "hang"}}),
        failure(frames=[frame("main"), frame("filter_rows", "fieldbook.other")]),
    ],
)
def test_type_place_and_kind_matter(other):
    assert likeness_key(other) != KEY


def test_the_cause_behind_a_wrapper_matters():
    wrapped, other = failure(), failure()
    wrapped["exception"]["values"].insert(0, {"type": "KeyError"})
    other["exception"]["values"].insert(0, {"type": "OSError"})
    assert len({KEY, likeness_key(wrapped), likeness_key(other)}) == 3


def test_without_a_module_the_file_name_counts_but_not_its_folder():
    def at(path):
        return failure(frames=[{"abs_path": path, "function": "run"}])

    assert likeness_key(at("/home/ada/app.py")) == likeness_key(at(r"C:\Users\Bob\app.py"))


def test_messages_are_alike_by_their_template():
    one = {"logentry": {"message": "row %s of %s", "params": [1, 2]}}
    two = {"logentry": {"message": "row %s of %s", "params": [3, 4]}}
    assert likeness_key(one) == likeness_key(two) != likeness_key({"message": "other"})


def test_plain_messages_are_alike_but_for_their_numbers():
    assert likeness_key({"message": "took 17 s at 0xdeadbeef"}) == likeness_key({"message": "took 3 s at 0x7f00"})


def test_the_payload_is_left_as_it_is():
    payload = failure()
    before = copy.deepcopy(payload)
    likeness_key(payload)
    assert payload == before


@given(
    st.dictionaries(st.sampled_from(["exception", "message", "threads", "contexts"]), st.text() | st.lists(st.none()))
)
def test_odd_events_have_a_key_too(payload):
    assert likeness_key(payload).startswith("1-")
