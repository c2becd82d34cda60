"""Qt's messages in the trail, and on their old way."""

from PySide6 import QtCore
from PySide6.QtCore import qDebug, qWarning

from crashdesk.sdk.qt.messages import MessageHook


def test_a_warning_becomes_a_breadcrumb_and_goes_on_to_the_earlier_handler(qapp, host_binding):
    earlier, noted = [], []
    before = QtCore.qInstallMessageHandler(lambda kind, context, text: earlier.append(text))
    hook = MessageHook(host_binding, lambda text, **about: noted.append((text, about["level"])))
    hook.install()
    qWarning("from Qt")
    hook.uninstall()
    qWarning("afterwards")
    QtCore.qInstallMessageHandler(before)
    assert noted == [("from Qt", "warning")]
    assert earlier == ["from Qt", "afterwards"]


def test_without_an_earlier_handler_it_is_printed_as_qt_does(qapp, host_binding, capfd):
    before = QtCore.qInstallMessageHandler(None)
    hook = MessageHook(host_binding, lambda text, **about: None)
    hook.install()
    qDebug("printed")
    hook.uninstall()
    QtCore.qInstallMessageHandler(before)
    assert capfd.readouterr().err == "printed\n"


def test_a_message_made_while_one_is_noted_does_not_turn_in_circles(qapp, host_binding):
    noted = []

    def breadcrumb(text: str, **about: object) -> None:
        noted.append(text)
        qWarning("another")

    before = QtCore.qInstallMessageHandler(lambda *args: None)
    hook = MessageHook(host_binding, breadcrumb)
    hook.install()
    qWarning("first")
    hook.uninstall()
    QtCore.qInstallMessageHandler(before)
    assert noted == ["first"]


def test_a_failure_while_noting_stays_inside(qapp, host_binding, expected_logs):
    expected_logs("Qt message handler failed")
    earlier = []
    before = QtCore.qInstallMessageHandler(lambda kind, context, text: earlier.append(text))
    hook = MessageHook(host_binding, lambda text, **about: 1 / 0)
    hook.install()
    qWarning("still passed on")
    hook.uninstall()
    QtCore.qInstallMessageHandler(before)
    assert earlier == ["still passed on"]


def test_a_handler_the_host_set_later_stays(qapp, host_binding):
    later = []
    before = QtCore.qInstallMessageHandler(lambda *args: None)
    hook = MessageHook(host_binding, lambda text, **about: None)
    hook.install()
    QtCore.qInstallMessageHandler(lambda kind, context, text: later.append(text))
    hook.uninstall()
    qWarning("to theirs")
    QtCore.qInstallMessageHandler(before)
    assert later == ["to theirs"]
