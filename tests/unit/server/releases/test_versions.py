from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.releases.versions import is_later, oldest_first

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def seen(*releases):
    """Return the releases as seen on one day after the other, in this order."""
    return {release: DAY + timedelta(days=place) for place, release in enumerate(releases)}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("1.10.0", "1.9.2"),
        ("fieldbook@2.4.1", "fieldbook@2.4.1-beta.4"),
        ("v1.2", "v1.1.9"),
        ("2026.3.2", "2026.2.28"),
        ("1.2.3.4", "1.2.3"),
        ("fieldbook@1.0+200", "fieldbook@1.0+199"),
    ],
)
def test_versions_are_compared_by_number_whenever_they_came(later, earlier):
    first_seen = seen(later, earlier)
    assert is_later(later, earlier, first_seen)
    assert not is_later(earlier, later, first_seen)
    assert oldest_first(first_seen) == [earlier, later]


@pytest.mark.parametrize(("first", "second"), [("build-1234", "build-99"), ("nightly", "1.0"), ("a@2.0", "b@1.0")])
def test_names_that_are_no_versions_of_one_product_go_by_time(first, second):
    assert is_later(second, first, seen(first, second))
    assert oldest_first(seen(first, second)) == [first, second]


def test_one_name_that_is_no_version_puts_the_whole_list_in_the_order_of_time():
    assert oldest_first(seen("1.2", "nightly", "1.1")) == ["1.2", "nightly", "1.1"]


@given(st.lists(st.text("0123456789.-+@vabrc", min_size=1, max_size=12), unique=True, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_question(releases, chance):
    first_seen = seen(*releases)
    shuffled = list(releases)
    chance.shuffle(shuffled)
    assert oldest_first({release: first_seen[release] for release in shuffled}) == oldest_first(first_seen)
