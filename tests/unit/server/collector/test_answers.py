"""Answers: every reason that can be given is explained."""

import re
from pathlib import Path

import pytest

import crashdesk.server
from crashdesk.protocol.outcomes import describe
from crashdesk.protocol.rate_limits import RateLimit, parse_rate_limits
from crashdesk.server.collector import answers


def test_every_reason_in_the_source_has_a_sentence():
    root = Path(crashdesk.server.__file__).parent
    sources = "".join(path.read_text() for part in ("collector", "intake") for path in (root / part).glob("*.py"))
    named = set(re.findall(r'Refused(?:Body)?\((?:\d+, )?"(\w+)"', sources))
    assert len(named) > 10
    assert named <= set(answers.REASONS)


@pytest.mark.parametrize("sentence", answers.REASONS.values())
def test_a_sentence_ends_with_a_full_stop(sentence):
    assert sentence.endswith(".")


def test_a_refusal_tells_the_limits_it_was_given():
    given = RateLimit(3.2, ("error", "attachment"), "key", "key_rate")
    headers = dict(answers.refused(429, "key_rate", 3.2, (given,)).headers)
    [told] = parse_rate_limits(headers[b"x-sentry-rate-limits"].decode())
    assert told == RateLimit(4, ("error", "attachment"), "key", "key_rate")


def test_what_counts_as_lost_is_explained_in_the_table_of_outcomes():
    assert all(describe(reason) for reason in answers.COUNTED)


def test_retry_after_is_a_whole_number_from_one_up():
    for seconds, text in ((0.0, b"1"), (0.2, b"1"), (3.2, b"4")):
        assert (b"retry-after", text) in answers.refused(503, "storage_full", seconds).headers
