"""Frames, exceptions and threads."""

from crashdesk.protocol.stack import ExceptionView, FrameView, ThreadView, first_line, frames_of, own_frames


def frames(*marks):
    return [FrameView({"function": str(place), "in_app": mark}) for place, mark in enumerate(marks)]


def names(found):
    return [frame.function for frame in found]


def test_own_frames_are_those_that_are_marked():
    assert names(own_frames(frames(True, False, True, None))) == ["0", "2"]


def test_without_marks_all_that_are_not_foreign_are_own():
    assert names(own_frames(frames(None, False, None))) == ["0", "2"]


def test_when_all_are_foreign_all_count():
    assert names(own_frames(frames(False, False))) == ["0", "1"]


def test_a_place_is_module_or_file_and_function():
    assert FrameView({"module": "a.b", "filename": "b.py", "function": "f"}).place() == "a.b in f"
    assert FrameView({"filename": "b.py", "function": "f"}).place() == "b.py in f"
    assert FrameView({"function": "f"}).place() == "f"
    assert FrameView({}).place() == ""


def test_frames_that_are_no_objects_are_left_out():
    assert len(frames_of({"frames": [None, 7, {}, "x"]})) == 1
    assert frames_of(None) == frames_of({"frames": {}}) == []


def test_a_title_is_type_and_first_line():
    assert ExceptionView({"type": "E", "value": "\n a \nb"}).title() == "E: a"
    assert ExceptionView({"type": "E"}).title() == "E"
    assert ExceptionView({"value": "a"}).title() == "a"
    assert first_line("") == ""


def test_a_thread_is_read():
    thread = ThreadView({"id": 7, "name": "import", "crashed": True, "stacktrace": {"frames": [{}]}})
    assert (thread.id, thread.name, thread.crashed, thread.current, len(thread.frames)) == (
        "7",
        "import",
        True,
        False,
        1,
    )
