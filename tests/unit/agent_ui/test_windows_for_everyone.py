"""What holds for every window: names for scripts and screen readers, mnemonics that differ, texts that fit."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from crashdesk.agent.ui import theme
from crashdesk.agent.ui.consent_window import ConsentWindow
from crashdesk.agent.ui.crash_window import CrashWindow, Known
from crashdesk.agent.ui.feedback_report import FeedbackDraft, File, Opening
from crashdesk.agent.ui.feedback_window import FeedbackWindow
from crashdesk.agent.ui.outbox_window import OutboxWindow
from crashdesk.agent.ui.preview import PreviewWindow, Selection
from crashdesk.agent.ui.screenshot import BlackOutWindow
from crashdesk.outbox.notices import Consent
from crashdesk.protocol.envelope import Item
from support.waiting_reports import envelope, event, picture_file
from support.windows import NOW, shown

KINDS = (QAbstractButton, QLineEdit, QPlainTextEdit, QTreeWidget)


@pytest.fixture
def picture(qapp, tmp_path) -> Item:
    return Item.attachment("screenshot.png", picture_file(tmp_path / "p.png"), "image/png")


def crash(picture, background, problem) -> QWidget:
    known = Known(NOW, consent_in_words="You are asked before each report.", can_restart=True)
    return CrashWindow(problem("native", 2, picture), known, background)


def feedback(picture, background, _problem) -> QWidget:
    at = Opening("", "Fieldbook", contexts=event()["contexts"])
    draft = FeedbackDraft("problem", "words", files=(File("p.png", picture.payload, "image/png"),))
    return FeedbackWindow(at, draft, "", "e" * 32, background)


def preview(picture, background, _problem) -> QWidget:
    return PreviewWindow(envelope(None, picture), Selection(), background, lambda _chosen: None)


def consent(_picture, _background, _problem) -> QWidget:
    return ConsentWindow("Fieldbook", Consent.UNKNOWN, 1, lambda _consent: None)


def reports(_picture, _background, _problem) -> QWidget:
    return OutboxWindow("Fieldbook", lambda _number: None, lambda _number: None)


def black_out(_picture, _background, _problem) -> QWidget:
    return BlackOutWindow(QImage(300, 200, QImage.Format.Format_RGB32), lambda _image: None)


@pytest.fixture(params=[crash, feedback, preview, consent, reports, black_out], ids=lambda build: build.__name__)
def window(request, qtbot, picture, background, problem) -> QWidget:
    return shown(qtbot, request.param(picture, background, problem))


def controls(window: QWidget) -> list[QWidget]:
    found = [child for kind in KINDS for child in window.findChildren(kind)]
    return [child for child in found if child.isVisible() and not child.objectName().startswith("qt_")]


def test_every_control_has_a_name_for_scripts(window: QWidget) -> None:
    names = [child.objectName() for child in controls(window)]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_control_has_a_name_for_screen_readers(window: QWidget) -> None:
    unnamed = [
        child.objectName()
        for child in controls(window)
        if not (child.accessibleName() or (isinstance(child, QAbstractButton) and child.text()))
    ]
    assert not unnamed


def test_mnemonics_of_a_window_differ(window: QWidget) -> None:
    texts = [child.text() for child in controls(window) if isinstance(child, QAbstractButton)]
    texts += [label.text() for label in window.findChildren(QLabel) if label.buddy() is not None]
    letters = [found[1].lower() for text in texts if (found := re.search("&(.)", text))]
    assert len(set(letters)) == len(letters)


def test_every_action_below_a_window_has_a_mnemonic(window: QWidget) -> None:
    actions = [child for child in window.findChildren(QPushButton) if child.isVisible()]
    unlettered = [child.objectName() for child in actions if "&" not in child.text()]
    assert [name for name in unlettered if not re.search(r"\d$", name)] == []


def test_every_control_is_reached_with_tab(qtbot, window: QWidget) -> None:
    reached = set()
    for _step in range(60):
        focused = window.focusWidget()
        reached.add(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    radios = {child.objectName() for child in controls(window) if child.metaObject().className() == "QRadioButton"}
    wanted = {child.objectName() for child in controls(window) if child.isEnabled()} - radios
    assert wanted <= reached


def test_nothing_is_cut_at_the_size_a_window_opens_with(window: QWidget) -> None:
    cut = [
        child.objectName()
        for child in controls(window)
        if isinstance(child, QAbstractButton) and child.width() < child.sizeHint().width()
    ]
    assert not cut
    assert not window.view.horizontalScrollBar().isVisible()


def test_texts_of_a_report_are_never_read_as_markup(window: QWidget) -> None:
    rich = [label.text() for label in window.findChildren(QLabel) if label.textFormat() is Qt.TextFormat.RichText]
    assert not rich


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_follows_the_setting(qapp: QApplication, monkeypatch, name: str) -> None:
    monkeypatch.setenv("CRASHDESK_THEME", name)
    theme.of(qapp).dress()
    try:
        assert qapp.palette().window().color().name() == theme.colours().ground
        assert (theme.colours().ground < "#888888") == (name == "dark")
    finally:
        monkeypatch.undo()
        theme.of(qapp).dress()
