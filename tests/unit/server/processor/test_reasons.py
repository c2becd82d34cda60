"""What the processor counts, it counts under a reason of the table of outcomes."""

from crashdesk.protocol.outcomes import Outcome, describe
from crashdesk.server.processor import contents, drafting, prepared, selecting

COUNTED = (
    contents.NOT_KEPT,
    contents.NO_EVENT,
    contents.TOO_LARGE,
    drafting.TOO_MANY,
    prepared.NOT_READABLE,
    drafting.NOT_PROCESSED,
    selecting.DUPLICATE,
    selecting.SUPERSEDED,
)


def test_every_reason_that_is_counted_has_a_sentence():
    assert all(describe(reason) for reason in COUNTED)


def test_what_a_client_gives_up_has_a_sentence_too():
    from crashdesk.outbox import ledger, quota  # the tests may see both sides
    from crashdesk.sdk import losses

    given_up = (ledger.REFUSED_BY_PERSON, ledger.REFUSED_BY_SERVER, quota.OVER_COUNT, quota.OVER_BYTES, quota.OVER_AGE)
    assert all(
        describe(reason) for reason in (*given_up, losses.REPEATED, losses.VETOED, losses.NO_CONSENT, losses.NO_ROOM)
    )
    assert Outcome.CLIENT_DISCARD == "client_discard"
