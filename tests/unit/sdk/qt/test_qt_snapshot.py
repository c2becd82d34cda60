"""Facts about Qt, without titles and texts."""

from PySide6.QtWidgets import QLineEdit, QMainWindow

from crashdesk.protocol.snapshot import section
from crashdesk.sdk.qt import snapshot


def test_versions_style_and_screens_are_told(qapp, host_binding):
    sections = snapshot.static_sections(host_binding)
    assert sections["qt"]["binding"] == "PySide6"
    assert sections["qt"]["version"] == sections["qt"]["binding_version"]
    assert sections["qt"]["platform"] == "offscreen"
    assert sections["screens"]["count"] == len(sections["screens"]["screens"]) == 1


def test_windows_are_told_by_name_and_size_only(qtbot, host_binding):
    window = QMainWindow(objectName="main", windowTitle="Private diary")
    field = QLineEdit("private words", objectName="filter")
    window.setCentralWidget(field)
    qtbot.addWidget(window)
    window.resize(300, 200)
    window.show()
    qtbot.waitExposed(window)
    section_of_windows = snapshot.live_sections(host_binding)["gui"]
    told = next(each for each in section_of_windows["windows"] if each["path"] == "#main")
    assert (told["class"], told["width"], told["height"]) == ("QMainWindow", 300, 200)
    assert "rivate" not in str(section_of_windows)


def test_every_fact_is_declared_for_people(qtbot, host_binding):
    window = QMainWindow(objectName="main")
    qtbot.addWidget(window)
    window.show()
    for name, facts in {**snapshot.static_sections(host_binding), **snapshot.live_sections(host_binding)}.items():
        assert facts.keys() <= section(name).fields.keys()


def test_outside_the_gui_thread_no_window_is_touched(qapp, host_binding):
    import threading

    found = []
    asker = threading.Thread(target=lambda: found.append(snapshot.live_sections(host_binding)))
    asker.start()
    asker.join()
    assert found == [{}]
