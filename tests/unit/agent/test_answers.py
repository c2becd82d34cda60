import pytest

from crashdesk.agent.answers import Answer, Fate, judge

EVENT_ID = "a" * 32


def judged(status, body=None, headers=None):
    return judge(Answer(status, body, headers or {}), EVENT_ID)


@pytest.mark.parametrize("named", [EVENT_ID, "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"])
def test_a_receipt_that_names_the_envelope_is_delivery(named):
    assert judged(200, {"id": named}).fate is Fate.DELIVERED


@pytest.mark.parametrize("body", [None, {}, {"id": "b" * 32}, {"id": 7}, [EVENT_ID], "ok"])
def test_any_other_success_came_from_somebody_else(body):
    verdict = judged(200, body)
    assert verdict.fate is Fate.AGAIN
    assert "sign-in page" in verdict.reason


def test_an_envelope_without_an_id_cannot_be_confirmed():
    assert judge(Answer(200, {"id": None}, {}), None).fate is Fate.AGAIN


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (301, Fate.AGAIN),
        (400, Fate.PARKED),
        (401, Fate.KEY_REFUSED),
        (403, Fate.KEY_REFUSED),
        (404, Fate.AGAIN),
        (407, Fate.AGAIN),
        (413, Fate.PARKED),
        (415, Fate.PARKED),
        (429, Fate.LIMITED),
        (500, Fate.AGAIN),
        (502, Fate.AGAIN),
        (503, Fate.LIMITED),
        (999, Fate.AGAIN),
    ],
)
def test_each_status_has_its_fate_and_a_sentence(status, fate):
    verdict = judged(status)
    assert verdict.fate is fate
    assert str(status) in verdict.reason
    assert verdict.reason.endswith(".") or verdict.reason.endswith("correct it.")


def test_the_servers_own_word_is_shown_short_and_printable():
    verdict = judged(400, None, {"x-sentry-error": "item\x1b[31m_truncated {oops}" + "x" * 500})
    assert "item[31m_truncated {oops}" in verdict.reason
    assert len(verdict.reason) < 250
    assert "detail words" in judged(403, {"detail": "detail words"}).reason
