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


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        (b'{"a":1,"b":2}', 9, {"a": 1, "b": 2}),
        (b'{"a":[1,2,3,4,5]}', 5, {"a": [1, 2, 3]}),
        (b"[[],[],[],[]]", 4, [[], []]),
        (b'{"a":{"b":[{"c":1},{"d":2}]},"e":3}', 5, {"a": {"b": [{"c": 1}, {"d": 2}]}}),
        (b'{"text":"a,b,[{c","n":1}', 1, {"text": "a,b,[{c"}),
        (b'{"text":"\\",[","m":[1],"n":1}', 2, {"text": '",[', "m": [1]}),
    ],
)
def test_the_first_values_of_very_many_are_read(text, most, kept):
    assert json.loads(jsontext.shortened(text, most)) == kept


@pytest.mark.parametrize("text", [b"", b"]]]", b"[[[[", b'{"a', b",,,,,", b'"', b'{"a":[1,2,'])
def test_broken_text_is_shortened_without_an_error(text):
    assert len(jsontext.shortened(text, 1)) <= len(text) + 4


def test_text_with_many_marks_may_hold_many_values():
    assert jsontext.has_more_values(b"[" * 9, 8)
    assert not jsontext.has_more_values(b'{"a":1}', 8)
