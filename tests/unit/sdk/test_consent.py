"""What may be done with a report."""

import pytest

from crashdesk.outbox.store import State
from crashdesk.sdk.consent import state_for, state_for_feedback


@pytest.mark.parametrize(
    ("declared", "person", "state"),
    [
        ("ask", None, State.WAITING),
        ("ask", "unknown", State.WAITING),
        ("ask", "given", State.READY),
        ("ask", "refused", None),
        ("given", None, State.READY),
        ("given", "refused", None),
        ("refused", "given", None),
    ],
)
def test_the_persons_word_goes_before_the_makers(declared: str, person: str | None, state: State | None):
    assert state_for(declared, person) is state


@pytest.mark.parametrize(("declared", "state"), [("ask", State.READY), ("given", State.READY), ("refused", None)])
def test_feedback_is_the_persons_own_deed(declared: str, state: State | None):
    assert state_for_feedback(declared) is state
