"""The files and pictures of a feedback: added by the person's own hand, blacked out, taken back."""

import mimetypes
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.feedback_report import MAX_FILE_BYTES, MAX_FILES_BYTES, File
from crashdesk.agent.ui.parts import is_picture
from crashdesk.agent.ui.readable import size_in_words, visible
from crashdesk.agent.ui.screenshot import BlackOutWindow, RegionTaker, can_capture, png
from crashdesk.agent.ui.sheet import button, plain_label
from crashdesk.agent.ui.tokens import STEP
from crashdesk.errors import UsageError


def _tr(text: str) -> str:
    return QCoreApplication.translate("FilesBox", text)


def read_file(path: Path) -> File:
    """Return a file the person chose; raises UsageError in words for them when it cannot be sent."""
    name = path.name
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            text = _tr("{name} has {size}; at most {most} can be sent. Nothing was added.")
            raise UsageError(text.format(name=name, size=size_in_words(size), most=size_in_words(MAX_FILE_BYTES)))
        data = path.read_bytes()
    except OSError as error:
        text = _tr("{name} could not be read: {reason}. Nothing was added.")
        raise UsageError(text.format(name=name, reason=error.strerror or type(error).__name__)) from error
    return File(name, data, mimetypes.guess_type(name)[0] or "application/octet-stream")


def _covered(file: File, image: QImage) -> File:
    return File(f"{Path(file.name).stem}.png", png(image), "image/png")


class FilesBox(QWidget):
    """Rows of files with what can be done about each; below them the ways to add one."""

    changed = Signal()
    problem = Signal(str)

    def __init__(self, background: Background) -> None:
        super().__init__()
        self.setObjectName("feedbackFiles")
        self._background = background
        self._files: list[File] = []
        self._images: dict[int, QImage] = {}  # blacked out, their bytes under way
        self._editor: BlackOutWindow | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(STEP)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(STEP)
        whole.addLayout(self._rows)
        whole.addLayout(self._ways())

    def _ways(self) -> QHBoxLayout:
        self.add_file = button(_tr("Add &file…"), "feedbackAddFile")
        self.add_file.clicked.connect(self._choose_file)
        self.add_region = button(_tr("Add &region of the screen…"), "feedbackAddRegion")
        self.add_region.clicked.connect(lambda: RegionTaker(self.window(), self._add_picture))
        self.add_region.setEnabled(can_capture())
        if not can_capture():
            self.add_region.setToolTip(
                _tr(
                    "This desktop does not let programs take the screen: take a picture with its own means, and add"
                    " the file."
                )
            )
        row = QHBoxLayout()
        row.setSpacing(2 * STEP)
        row.addWidget(self.add_region)
        row.addWidget(self.add_file)
        row.addStretch(1)
        return row

    def files(self) -> tuple[File, ...]:
        """Return the files as they are to be sent; what was just blacked out is never sent as it was."""
        return tuple(
            _covered(file, self._images[id(file)]) if id(file) in self._images else file for file in self._files
        )

    def fill(self, files: Sequence[File]) -> None:
        self._files = list(files)
        self._show()

    def add(self, file: File) -> None:
        """Add a file, unless all together would be too much to send."""
        if sum(len(one.data) for one in self._files) + len(file.data) > MAX_FILES_BYTES:
            text = _tr("All files together would be more than {most}. {name} was not added.")
            self.problem.emit(text.format(most=size_in_words(MAX_FILES_BYTES), name=file.name))
            return
        self._files.append(file)
        self._show()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), _tr("Add a file"))
        dialog.setObjectName("feedbackFileDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.add_path)
        dialog.open()

    def add_path(self, path: str) -> None:
        """Read the file in the background and add it."""
        self._background.ask(lambda: read_file(Path(path)), self.add, self.problem.emit, self)

    def _add_picture(self, image: QImage | None) -> None:
        if image is None:
            return
        name = f"picture-{1 + sum(file.name.startswith('picture-') for file in self._files)}.png"
        self._background.ask(lambda: File(name, png(image), "image/png"), self.add, self.problem.emit, self)

    def _show(self) -> None:
        while (entry := self._rows.takeAt(0)) is not None:
            row = entry.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for number in range(len(self._files)):
            self._rows.addWidget(self._row(number))
        self.changed.emit()

    def _row(self, number: int) -> QWidget:
        file = self._files[number]
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(STEP)
        layout.addWidget(plain_label(f"{visible(file.name)}  ·  {size_in_words(len(file.data))}"), 1)
        if is_picture(file.name, file.content_type):
            layout.addWidget(self._act(_tr("Black out…"), f"feedbackBlackOut{number}", file, self._open_black_out))
        layout.addWidget(self._act(_tr("Remove"), f"feedbackRemove{number}", file, self._remove))
        return row

    def _act(self, text: str, name: str, file: File, action: Callable[[File], None]) -> QPushButton:
        made = button(text, name, "quiet")
        made.setAccessibleName(f"{text} {file.name}")
        made.clicked.connect(lambda: action(file))
        return made

    def _remove(self, file: File) -> None:
        self._files = [one for one in self._files if one is not file]
        self._show()
        self.add_file.setFocus()

    def _open_black_out(self, file: File) -> None:
        image = QImage.fromData(file.data)
        if image.isNull():
            self.problem.emit(_tr("{name} cannot be opened as a picture.").format(name=file.name))
            return
        self._editor = BlackOutWindow(image, lambda covered: self._replace(file, covered))
        self._editor.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._editor.come_forward()

    def _replace(self, file: File, image: QImage) -> None:
        self._images[id(file)] = image

        def put(covered: File) -> None:
            self._images.pop(id(file), None)
            self._files = [covered if one is file else one for one in self._files]
            self._show()

        self._background.ask(lambda: _covered(file, image), put, self.problem.emit, self)
