"""Dictionaries: an old number stays readable, a missing one is said, and none holds what belongs to a person."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake import dictionaries
from crashdesk.server.intake.blobs import Kind, Owner, Record, records

sys.path.insert(0, str(Path(__file__).parents[3]))

from dictionary import train

FILES = sorted(Path(dictionaries.__file__).parent.glob("*.zstd"))
RELEASED = {1: "d3e6d86c7aeecdf7"}
PRIVATE = {
    "user": {
        "id": "id-of-Planted",
        "email": "planted@example.org",
        "username": "Planted Person",
        "ip_address": "192.0.2.77",
    },
    "request": {"url": "https://planted.example.org/", "headers": {"cookie": "planted-cookie"}},
    "extra": {"note": "planted-extra"},
    "tags": [["key", "planted-tag"]],
    "message": "planted-message",
    "logentry": {"formatted": "planted-entry"},
    "server_name": "planted-host",
    "contexts": {"os": {"name": "planted-os"}, "feedback": {"message": "planted-words", "name": "planted-name"}},
    "breadcrumbs": {
        "values": [{"category": "planted-place", "message": "planted-step", "data": {"x": "planted-data"}}]
    },
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "value": "planted-value",
                "mechanism": {"type": "x", "data": {"key": "planted-mechanism"}},
                "stacktrace": {
                    "frames": [
                        {
                            "abs_path": "/home/planted-home/shop/desk.py",
                            "filename": "shop/desk.py",
                            "module": "shop.desk",
                            "function": "handle",
                            "context_line": "raise ValueError",
                            "vars": {"name": "planted-variable"},
                        }
                    ]
                },
            }
        ]
    },
}


def test_what_a_dictionary_learns_holds_no_value_of_a_person_a_breadcrumb_or_a_variable():
    [text] = train.samples([PRIVATE])
    assert b"shop.desk" in text
    assert b"planted" not in text.lower()
    assert b"192.0.2.77" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_dictionary_holds_a_value_of_what_it_was_made_from(path):
    content = path.read_bytes()
    values = {value for body in train.bodies(seeds=(1,)) for value in private_values(body)}
    assert len(values) > 500
    assert [value for value in values if value.encode() in content] == []


def private_values(body):
    """Yield what trainings must not see of a body, as far as it is longer than a word of code."""
    for part in ("user", "extra", "request"):
        yield from texts(body.get(part))
    for crumb in (body.get("breadcrumbs") or {}).get("values", []):
        yield from texts([crumb.get("message"), crumb.get("timestamp"), crumb.get("data")])
    for raised in (body.get("exception") or {}).get("values", []):
        for frame in (raised.get("stacktrace") or {}).get("frames", []):
            yield from (text for text in texts(frame.get("vars")) if "0x" in text)
    yield from (body["timestamp"], body["contexts"].get("trace", {}).get("trace_id", body["timestamp"]))


def texts(value):
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    for entry in found:
        yield from texts(entry)
    if isinstance(value, str) and len(value) > 12:
        yield value


def test_released_dictionaries_are_never_changed():
    assert {int(path.stem): sha256(path.read_bytes()).hexdigest()[:16] for path in FILES} == RELEASED
    assert max(RELEASED) == dictionaries.NEWEST


def test_a_body_of_an_older_dictionary_stays_readable(monkeypatch):
    record = Record(Owner(Kind.EVENT, 1, 1), b'{"exception":{"values":[]}}' * 20)
    stored = {}
    for number in (0, *RELEASED):
        monkeypatch.setattr(dictionaries, "NEWEST", number)
        stored[number] = records.pack_record(record)
    monkeypatch.undo()
    assert len(set(stored.values())) == len(stored)
    assert {records.unpack_record(found, "1:0:1") for found in stored.values()} == {record.data}


def test_a_dictionary_that_is_not_there_is_said():
    with pytest.raises(StorageError, match="newer Crashdesk"):
        dictionaries.plain(250)


def test_only_bodies_lean_on_a_dictionary():
    data = b"some text of a file " * 10
    numbers = {
        kind: records.read_header(records.pack_record(Record(Owner(kind, 1, 1), data))).dictionary
        for kind in (Kind.EVENT, Kind.FEEDBACK, Kind.ATTACHMENT, Kind.FAILED)
    }
    assert list(numbers.values()) == [dictionaries.NEWEST, dictionaries.NEWEST, 0, 0]
