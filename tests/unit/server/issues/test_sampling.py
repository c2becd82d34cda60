"""Which bodies stay: the ends, what must, every kind once before any twice, and a fair sample of each."""

from statistics import mean

from crashdesk.server.issues.sampling import Candidate, surplus


def candidates(number, kind="a", first=1):
    return [Candidate(first + place, (kind,)) for place in range(number)]


def staying(found, most):
    gone = set(surplus(found, most))
    return [candidate.id for candidate in found if candidate.id not in gone]


def test_few_enough_all_stay():
    assert surplus(candidates(10), 10) == []


def test_no_limit_lets_all_stay():
    assert surplus(candidates(10), 0) == []


def test_the_first_and_the_last_stay_whatever_the_limit():
    assert staying(candidates(50), 2) == [1, 50]


def test_as_many_stay_as_the_limit_says():
    assert len(staying(candidates(500), 100)) == 100


def test_what_must_stay_stays_beside_the_others():
    wanted = [Candidate(1000 + place, ("a",), is_wanted=True) for place in range(30)]
    found = [*candidates(500), *wanted, Candidate(5000, ("a",))]
    left = staying(found, 100)
    assert {candidate.id for candidate in wanted} <= set(left)
    assert len(left) == 130


def test_a_rare_kind_stays_beside_a_frequent_one():
    found = [*candidates(1000), *candidates(3, "b", 2000), *candidates(1, "c", 3000), Candidate(4000, ("a",))]
    assert {2000, 2001, 2002, 3000} <= set(staying(found, 20))


def test_old_and_new_ones_stay_alike():
    left = staying(candidates(10_000), 200)
    assert 4000 < mean(left) < 6000


def test_sampling_again_changes_nothing_and_newer_ones_get_their_share():
    left = staying(candidates(1000), 50)
    assert staying([Candidate(found, ("a",)) for found in left], 50) == left
    later = staying([*(Candidate(found, ("a",)) for found in left), *candidates(1000, first=1001)], 50)
    assert len(later) == 50
    assert 10 < sum(found > 1000 for found in later) < 40
