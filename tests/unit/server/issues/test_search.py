import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.issues.search import KEYS, MOST_CHARACTERS, MOST_TERMS, SearchError, Term, parse


def terms(text):
    return [(term.key, term.value) for term in parse(text)]


def refusal(text):
    with pytest.raises(SearchError) as caught:
        parse(text)
    return str(caught.value), caught.value.position


def test_words_keys_and_quoted_text_are_told_apart():
    assert terms('is:unresolved filter "no attribute" os:Windows') == [
        ("is", "unresolved"),
        ("", "filter"),
        ("", "no attribute"),
        ("os", "Windows"),
    ]


def test_nothing_is_no_condition():
    assert parse("") == parse("   ") == []


def test_a_quoted_value_may_hold_anything():
    assert terms(r'note:"a \"b\" !is:x"') == [("note", 'a "b" !is:x')]


def test_an_exclamation_mark_turns_a_term_round():
    assert parse("!environment:lab") == [Term("environment", "lab", 0, is_negated=True)]


def test_a_star_at_the_end_means_a_beginning():
    assert parse("release:2.4*")[0] == Term("release", "2.4", 0, is_prefix=True)
    assert not parse('release:"2.4*"')[0].is_prefix


def test_a_missing_value_is_named_with_its_place():
    assert refusal("a release: b") == ("After release: a value is missing.", 10)
    assert refusal("release:")[0] == "After release: a value is missing."


def test_an_open_quote_is_named_with_its_place():
    message, position = refusal('a "bc')
    assert "not closed" in message
    assert position == 2


def test_an_unknown_value_is_answered_with_the_known_ones():
    message, position = refusal("x is:open")
    assert "unresolved, resolved, ignored" in message
    assert position == 2


def test_releases_are_not_compared():
    assert "2.4*" in refusal("release:>=2.4")[0]


def test_long_queries_are_refused():
    assert str(MOST_CHARACTERS) in refusal("x" * (MOST_CHARACTERS + 1))[0]
    assert str(MOST_TERMS) in refusal(" ".join("x" * (MOST_TERMS + 1)))[0]


def test_each_key_is_described():
    assert all(key.description.endswith(".") for key in KEYS.values())


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text):
    position = 0
    try:
        parse(text)
    except SearchError as error:
        position = error.position
    assert 0 <= position <= len(text)
