"""The secret by which a report can be withdrawn."""

from crashdesk.protocol.withdrawal import digest_of, new_secret, read_digest


def test_each_report_has_a_secret_of_its_own():
    assert len({new_secret() for _ in range(100)}) == 100


def test_the_digest_is_read_back_and_does_not_tell_the_secret():
    secret = new_secret()
    assert read_digest(digest_of(secret)) == digest_of(secret)
    assert secret not in digest_of(secret)


def test_what_is_no_digest_withdraws_nothing():
    assert [read_digest(value) for value in (None, 7, "", "D" * 64, "d" * 63)] == [""] * 5
