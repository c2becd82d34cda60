import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from crashdesk.agent.ui.area_picker import AreaPicker
from crashdesk.agent.ui.screenshot import BlackOutWindow, RegionTaker, blacked_out, can_capture, png
from support.windows import child, shown


@pytest.fixture
def image() -> QImage:
    made = QImage(200, 100, QImage.Format.Format_ARGB32)
    made.fill(QColor("#ffffff"))
    return made


@pytest.fixture
def picker(qtbot, image: QImage) -> AreaPicker:
    made = AreaPicker("picker", image)
    qtbot.addWidget(made)
    made.resize(200, 100)
    return shown(qtbot, made)


def areas(picker: AreaPicker) -> list[QRect]:
    found: list[QRect] = []
    picker.picked.connect(found.append)
    return found


def test_area_is_dragged_with_the_mouse_in_pixels_of_the_picture(qtbot, picker: AreaPicker) -> None:
    found = areas(picker)
    picker.resize(200, 200)  # the picture stands in the middle
    qtbot.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(20, 70))
    qtbot.mouseMove(picker, QPoint(59, 89))
    qtbot.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(59, 89))
    assert found == [QRect(20, 20, 40, 20)]


def test_slip_of_the_mouse_is_no_area(qtbot, picker: AreaPicker) -> None:
    found = areas(picker)
    qtbot.mouseClick(picker, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not found


def test_area_is_chosen_with_the_keyboard(qtbot, picker: AreaPicker) -> None:
    found = areas(picker)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(picker, key)
    qtbot.keyClick(picker, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert len(found) == 1
    assert picker._image.rect().contains(found[0])


def test_blacked_out_pixels_are_gone_from_the_bytes(image: QImage) -> None:
    covered = QImage.fromData(png(blacked_out(image, QRect(10, 10, 20, 20))))
    assert covered.pixelColor(15, 15).name() == "#000000"
    assert covered.pixelColor(50, 50).name() == "#ffffff"


def test_black_out_can_be_undone_step_by_step(qtbot, image: QImage) -> None:
    done: list[QImage] = []
    window = shown(qtbot, BlackOutWindow(image, done.append))
    window._cover(QRect(0, 0, 50, 50))
    window._cover(QRect(100, 0, 50, 50))
    child(window, QPushButton, "blackOutUndo").click()
    child(window, QPushButton, "blackOutDone").click()
    assert done[0].pixelColor(10, 10).name() == "#000000"
    assert done[0].pixelColor(110, 10).name() == "#ffffff"


def test_escape_leaves_the_picture_as_it_was(qtbot, image: QImage) -> None:
    done: list[QImage] = []
    window = shown(qtbot, BlackOutWindow(image, done.append))
    window._cover(QRect(0, 0, 50, 50))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not done


def test_wayland_lets_no_program_take_the_screen(monkeypatch) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", staticmethod(lambda: "wayland"))
    assert not can_capture()


def overlay() -> QWidget | None:
    return next((one for one in QApplication.topLevelWidgets() if one.objectName() == "regionOverlay"), None)


def test_region_of_the_screen_is_taken_while_our_window_is_away(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    shown(qtbot, window)
    taken: list[QImage | None] = []
    RegionTaker(window, taken.append)
    qtbot.waitUntil(lambda: overlay() is not None)
    assert not window.isVisible()
    overlay()._picker.picked.emit(QRect(5, 5, 30, 20))
    assert (taken[0].width(), taken[0].height()) == (30, 20)
    assert window.isVisible()


def test_escape_takes_no_region(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    taken: list[QImage | None] = []
    RegionTaker(shown(qtbot, window), taken.append)
    qtbot.waitUntil(lambda: overlay() is not None and overlay().isVisible())
    qtbot.keyClick(overlay()._picker, Qt.Key.Key_Escape)
    assert taken == [None]
