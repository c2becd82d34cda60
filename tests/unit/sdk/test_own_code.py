"""Which frames are the product's own."""

import json
import os
from pathlib import PurePath

import pytest

from crashdesk.sdk.own_code import is_own, mark_frames, module_of

LIBRARY = str(PurePath(os.__file__).parent)


@pytest.mark.parametrize(
    ("frame", "own"),
    [
        ({"module": "fieldbook.table", "abs_path": "/opt/fieldbook/table.py"}, True),
        ({"module": "__main__", "abs_path": "/opt/start.py"}, True),
        ({"module": "json.decoder", "abs_path": json.decoder.__file__}, False),
        ({"module": "requests.api", "abs_path": "/venv/lib/python3.11/site-packages/requests/api.py"}, False),
        ({"module": "apt", "abs_path": "/usr/lib/python3/dist-packages/apt.py"}, False),
        ({"module": "requests.api", "abs_path": r"C:\app\Lib\site-packages\requests\api.py"}, False),
        ({"module": "importlib._bootstrap", "abs_path": "<frozen importlib._bootstrap>"}, False),
        ({"module": None, "abs_path": "???"}, False),
        ({"module": "crashdesk.sdk.guard", "abs_path": "/src/crashdesk/sdk/guard.py"}, False),
        ({}, False),
    ],
)
def test_a_frame_is_own_by_where_it_lies(frame: dict[str, object], own: bool):
    assert is_own(frame, ()) is own


def test_a_named_package_is_own_wherever_it_lies():
    frame = {"module": "fieldbook.app", "abs_path": "/venv/lib/python3.11/site-packages/fieldbook/app.py"}
    assert is_own(frame, ("fieldbook",))
    assert not is_own(frame, ("field",))


def test_we_are_never_the_products_own():
    assert not is_own({"module": "crashdesk.sdk.capture", "abs_path": "/x.py"}, ("crashdesk",))
    assert is_own({"module": "crashdesk.demo.fieldbook", "abs_path": "/x.py"}, ("crashdesk",))


def test_frames_of_exceptions_and_threads_are_marked():
    frame = {"module": "product", "abs_path": "/opt/product.py"}
    event = {
        "exception": {"values": [{"stacktrace": {"frames": [dict(frame)]}}, {"stacktrace": None}, "odd"]},
        "threads": {"values": [{"stacktrace": {"frames": [dict(frame), "odd"]}}]},
    }
    mark_frames(event, ())
    assert event["exception"]["values"][0]["stacktrace"]["frames"][0]["in_app"] is True
    assert event["threads"]["values"][0]["stacktrace"]["frames"][0]["in_app"] is True


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("/app/fieldbook/table.py", "fieldbook.table"),
        ("/app/fieldbook/__init__.py", "fieldbook"),
        ("/app/plugins/one.py", "one"),
        ("/elsewhere/x.py", None),
        ("/app/data.bin", None),
    ],
)
def test_a_module_is_named_by_the_longest_import_path(path: str, module: str | None):
    assert module_of(path, ["/app", "/app/plugins", ""]) == module
