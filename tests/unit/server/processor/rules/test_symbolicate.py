import pytest

from crashdesk.server.processor.rules import symbolicate
from support.drafts import a_draft
from support.events import event, raised

BASE = 0x400000


def image(number=1, base=BASE, **more):
    return {"debug_id": f"id-{number}", "code_file": f"/opt/lib{number}.so", "type": "elf", "image_addr": hex(base),
            "image_size": 0x1000, **more}  # fmt: skip


def a_native_draft(*images, place=BASE + 16):
    exception = raised(frames=[{"instruction_addr": hex(place)}])
    return a_draft(event(exception, debug_meta={"images": list(images)}))


def missing(draft):
    symbolicate.apply(draft)
    return [entry["debug_id"] for entry in draft.missing_symbols]


@pytest.fixture
def registered(monkeypatch):
    """Register symbolicators for this test only."""
    monkeypatch.setattr(symbolicate, "_symbolicators", [])
    return symbolicate.register


def test_modules_in_which_a_frame_lies_are_missing_and_no_others():
    assert missing(a_native_draft(image(1), image(2, base=0x900000))) == ["id-1"]


def test_minified_code_names_its_source_map():
    frames = [{"abs_path": "https://shop.example/app.min.js", "lineno": 1}]
    maps = [{"type": "sourcemap", "debug_id": "m", "code_file": "https://shop.example/app.min.js"}]
    draft = a_draft(event(raised(frames=frames), debug_meta={"images": maps}))
    assert missing(draft) == ["m"]
    assert draft.missing_symbols[0]["type"] == "sourcemap"


def test_what_a_symbolicator_resolves_is_not_missing(registered):
    registered(lambda _, wanted: ["id-1"] if "id-1" in wanted else [])
    assert missing(a_native_draft(image(1), image(2, base=BASE))) == ["id-2"]


def test_each_symbolicator_sees_what_is_left(registered):
    seen = []
    registered(lambda _, wanted: seen.append(sorted(wanted)) or ["id-1"])
    registered(lambda _, wanted: seen.append(sorted(wanted)) or [])
    missing(a_native_draft(image(1), image(2, base=BASE)))
    assert seen == [["id-1", "id-2"], ["id-2"]]


def test_an_event_without_modules_calls_nobody(registered):
    registered(lambda *_: 1 / 0)
    assert missing(a_draft(event())) == []


@pytest.mark.parametrize("odd", [{}, [], "x", {"images": 7}, {"images": [{"debug_id": []}, 7, {"image_addr": "0xzz"}]}])
def test_odd_modules_are_passed_over(odd):
    assert missing(a_draft(event(raised(frames=[{"instruction_addr": "0x1"}]), debug_meta=odd))) == []
