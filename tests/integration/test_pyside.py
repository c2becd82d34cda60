"""The Qt binding we allow does not take references from None (6.12.0 on Python 3.11 does and aborts after a while)."""

import sys


def test_twenty_thousand_void_calls_leave_the_reference_count_of_none_unchanged(qapp):
    before = sys.getrefcount(None)
    for _ in range(20_000):
        qapp.processEvents()
    assert abs(sys.getrefcount(None) - before) < 200
