"""A picture of the program's own window, private parts blacked out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from crashdesk.sdk.qt import picture


@pytest.fixture
def window(qtbot) -> QMainWindow:
    made = QMainWindow()
    body = QWidget()
    layout = QVBoxLayout(body)
    made.open, made.secret, made.marked = QLineEdit("open"), QLineEdit("secret"), QLabel("marked")
    made.secret.setEchoMode(QLineEdit.EchoMode.Password)
    made.marked.setProperty(picture.PRIVATE_PROPERTY, True)
    for widget in (made.open, made.secret, made.marked):
        widget.setStyleSheet("background: white")
        layout.addWidget(widget)
    made.setCentralWidget(body)
    made.resize(300, 200)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def colour_at(image: QImage, window: QMainWindow, widget: QWidget) -> QColor:
    return image.pixelColor(widget.mapTo(window, widget.rect().center()))


def test_password_fields_and_marked_widgets_are_black(window, host_binding):
    image = QImage.fromData(picture.of_window(host_binding), "PNG")
    assert image.size() == window.size()
    assert colour_at(image, window, window.secret) == QColor(Qt.GlobalColor.black)
    assert colour_at(image, window, window.marked) == QColor(Qt.GlobalColor.black)
    assert colour_at(image, window, window.open) == QColor(Qt.GlobalColor.white)


def test_a_wide_window_is_made_smaller(window, host_binding):
    window.resize(picture.MOST_PIXELS_WIDE * 2, 100)
    assert QImage.fromData(picture.of_window(host_binding)).width() == picture.MOST_PIXELS_WIDE


def trace_of(function):
    try:
        function()
    except ZeroDivisionError as error:
        return error.__traceback__


def test_nothing_is_drawn_for_a_failure_while_drawing():
    def paintEvent():  # noqa: N802 - Qt's name
        return 1 / 0

    def slot():
        return 1 / 0

    assert not picture.may_draw(trace_of(paintEvent))
    assert picture.may_draw(trace_of(slot))
    assert picture.may_draw(None)
