"""The view of an event: what real clients send, older forms, and odd values that must not raise."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import Envelope
from crashdesk.protocol.event import KINDS, EventView, filled_in
from support import samples

FRAMES = [
    {"module": "fieldbook.app", "function": "main", "lineno": 3, "in_app": True},
    {"module": "fieldbook.table", "function": "filter_rows", "lineno": 7, "in_app": True, "context_line": "x.text"},
    {"module": "json.decoder", "function": "decode", "lineno": 9, "in_app": False},
]
CRASH = {
    "platform": "python",
    "exception": {
        "values": [
            {"type": "KeyError", "value": "'a'"},
            {"type": "TypeError", "value": "no text\nmore", "stacktrace": {"frames": FRAMES},
             "mechanism": {"type": "excepthook", "handled": False}},
        ]
    },
}  # fmt: skip


def event_of(beginning):
    items = Envelope.parse(samples.sample(beginning).unpacked).items
    return EventView(next(item.json() for item in items if item.type == "event"))


def test_the_last_exception_names_the_event():
    event = EventView(CRASH)
    assert event.title() == "TypeError: no text"
    assert [entry.type for entry in event.exceptions] == ["KeyError", "TypeError"]
    assert (event.kind, event.level, event.handled) == ("python", "error", False)


def test_the_culprit_is_the_innermost_own_frame():
    assert EventView(CRASH).culprit() == "fieldbook.table in filter_rows"


def test_a_frame_is_read_with_its_context():
    frame = EventView(CRASH).frames[1]
    assert (frame.lineno, frame.in_app, frame.context_line, frame.pre_context) == (7, True, "x.text", [])


def test_a_recorded_python_event_is_read():
    event = event_of("01")
    assert event.kind == "python"
    assert event.exceptions[-1].frames
    assert event.happened_at is not None
    assert event.sdk[0].startswith("sentry.python")


def test_a_recorded_minidump_event_without_exception_is_native():
    event = event_of("22")
    assert (event.kind, event.title()) == ("native", "Native crash")


def test_a_recorded_browser_error_is_read():
    event = event_of("17")
    assert event.kind == "error"
    assert event.title()


@pytest.mark.parametrize("kind", ["hang", "native", "abnormal", "exit", "message"])
def test_our_own_sdk_says_the_kind(kind):
    assert EventView({**CRASH, "contexts": {"crashdesk": {"kind": kind}}}).kind == kind


def test_a_stack_made_up_for_a_message_leaves_it_a_message():
    event = EventView({"exception": [{"value": "hello", "mechanism": {"synthetic": True}}], "platform": "javascript"})
    assert (event.kind, event.title()) == ("message", "hello")


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"message": "plain"}, "plain"),
        ({"message": {"formatted": "done", "message": "%s"}}, "done"),
        ({"logentry": {"message": "%s of %d", "params": ["one", 2]}}, "one of 2"),
        ({"logentry": {"message": "%(a)s!", "params": {"a": 1}}}, "1!"),
        ({"sentry.interfaces.Message": {"message": "old"}}, "old"),
        ({"logentry": 7, "message": None}, "7"),
        ({}, ""),
    ],
)
def test_every_form_of_a_message_is_read(payload, message):
    assert EventView(payload).message == message


def test_a_template_is_filled_in_without_obeying_its_widths():
    assert filled_in("%999999999d|100%%|%s|%s", [1, "a"]) == "%999999999d|100%|1|a"


@pytest.mark.parametrize(
    ("level", "read"),
    [("warn", "warning"), (50, "fatal"), ("40", "error"), (0, "debug"), (None, "error"), ([], "error")],
)
def test_levels_are_words_or_numbers(level, read):
    assert EventView({"level": level}).level == read


@pytest.mark.parametrize(
    "timestamp",
    [1767225600, 1767225600.0, "1767225600", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01"],
)
def test_every_form_of_a_time_is_read(timestamp):
    assert EventView({"timestamp": timestamp}).happened_at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", [float("nan"), 1e300, "soon", "inf", True, {}, "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_reads_as_missing(timestamp):
    assert EventView({"timestamp": timestamp}).happened_at is None


@pytest.mark.parametrize("tags", [{"a": 1, "b": None}, [["a", 1], ["b", None], 7], [{"key": "a", "value": "1"}]])
def test_every_form_of_tags_is_read(tags):
    assert EventView({"tags": tags}).tags == [("a", "1")]


def test_without_an_exception_the_crashed_thread_has_the_stack():
    threads = [{"id": 1, "stacktrace": {"frames": []}}, {"id": 2, "crashed": True, "stacktrace": {"frames": FRAMES}}]
    assert len(EventView({"threads": {"values": threads}}).frames) == 3


def test_a_long_title_is_cut():
    title = EventView({"message": "a" * 1000}).title()
    assert len(title) == 250
    assert title.endswith("…")


NAMES = ["event_id", "level", "platform", "release", "timestamp", "message", "logentry", "params", "formatted",
         "exception", "values", "type", "value", "mechanism", "handled", "stacktrace", "frames", "module", "function",
         "lineno", "in_app", "pre_context", "threads", "crashed", "contexts", "crashdesk", "kind", "tags", "user",
         "breadcrumbs", "fingerprint", "sdk", "name"]  # fmt: skip
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(NAMES), odd, max_size=8))
def test_nothing_in_an_event_makes_the_view_raise(payload):
    event = EventView(payload)
    for name in dir(EventView):
        if not name.startswith("_") and name not in {"payload", "context"}:
            value = getattr(event, name)
            result = value() if callable(value) else value
            for view in result if isinstance(result, list) else []:
                for part in [part for part in dir(view) if not part.startswith("_")]:
                    getattr(view, part)
    assert event.kind in KINDS
    assert isinstance(event.title(), str)
    assert isinstance(event.culprit(), str)
