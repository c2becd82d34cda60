"""JSON as it travels."""

import json

import pytest

from crashdesk.protocol import jsontext


def test_bare_words_of_python_are_read_and_written_as_text():
    assert jsontext.write(jsontext.read(b'{"a": NaN, "b": -Infinity}')) == b'{"a":"NaN","b":"-Infinity"}'


def test_what_is_written_is_ascii_and_standard():
    written = jsontext.write({"a": "ü\ud800\u0000", "b": [1.5, None, True]})
    assert written.isascii()
    assert json.loads(written) == {"a": "ü\ud800\u0000", "b": [1.5, None, True]}


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", "{}".encode("utf-16"), b"[" * 100_000])
def test_what_is_not_readable_is_a_value_error(text):
    with pytest.raises(ValueError):
        jsontext.read(text)


def test_a_whole_number_of_any_length_is_read_and_written():
    value = jsontext.read(b'{"a": 7, "b": ' + b"9" * 10_000 + b"}")
    assert json.loads(jsontext.write(value)) == {"a": 7, "b": "Infinity"}
