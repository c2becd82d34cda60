import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton

from crashdesk.agent.ui.consent_window import ConsentWindow, consent_in_words
from crashdesk.outbox.notices import Consent
from support.windows import child, is_open, shown

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def consent_window(qtbot):
    saved: list[Consent] = []

    def open_window(consent: Consent = Consent.UNKNOWN, waiting: int = 0) -> ConsentWindow:
        return shown(qtbot, ConsentWindow("Fieldbook", consent, waiting, saved.append))

    open_window.saved = saved
    return open_window


@pytest.mark.parametrize(
    ("key", "consent"),
    [(Qt.Key.Key_A, Consent.UNKNOWN), (Qt.Key.Key_S, Consent.GIVEN), (Qt.Key.Key_N, Consent.REFUSED)],
)
def test_choice_is_made_by_keyboard(qtbot, consent_window, key: Qt.Key, consent: Consent) -> None:
    window = consent_window()
    qtbot.keyClick(window, key, ALT)
    qtbot.keyClick(window, Qt.Key.Key_K, ALT)
    qtbot.waitUntil(lambda: consent_window.saved == [consent])


def test_present_choice_is_the_chosen_one(consent_window) -> None:
    assert child(consent_window(Consent.REFUSED), QRadioButton, "consentRefused").isChecked()


def test_escape_changes_nothing(qtbot, consent_window) -> None:
    window = consent_window()
    qtbot.keyClick(window, Qt.Key.Key_Down)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not consent_window.saved
    assert not is_open(window)


def test_leaving_it_changes_nothing(consent_window) -> None:
    child(consent_window(), QPushButton, "consentCancel").click()
    assert not consent_window.saved


def test_effect_on_waiting_reports_is_said_before_the_choice_is_kept(consent_window) -> None:
    window = consent_window(waiting=2)
    child(window, QRadioButton, "consentRefused").click()
    assert child(window, QLabel, "consentEffect").text() == "2 reports wait and will be deleted."
    child(window, QRadioButton, "consentGiven").click()
    assert child(window, QLabel, "consentEffect").text() == "2 reports wait and will be sent now."


def test_every_choice_can_be_told_in_half_a_sentence() -> None:
    assert len({consent_in_words(consent) for consent in Consent}) == 3
