"""What all windows share: a title, a column of content that scrolls when the screen is small, buttons below.

Enter presses the button that has the focus and nothing else, so that no text box sends by accident. Escape and the
window's close button mean the same: put aside what was begun, without a question.
"""

from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from crashdesk.agent.ui import icons, theme
from crashdesk.agent.ui.tokens import FORM_WIDTH, STEP

_MARK = 28
_FRAME_HEIGHT = 48  # what a window manager adds, and some air


def plain_label(text: str, role: str = "") -> QLabel:
    """Return a wrapping label that shows its text as it is, whatever markup a report put into it."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label


def button(text: str, name: str, role: str = "") -> QPushButton:
    """Return a button that does what it says, known to tests and scripts as `name`."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setProperty("role", role)
    made.setAutoDefault(False)
    return made


def line() -> QFrame:
    """Return a thin horizontal separator."""
    drawn = QFrame()
    drawn.setProperty("role", "line")
    return drawn


class Sheet(QDialog):
    """A window of the agent; a subclass fills `column` and `buttons` and says what `put_aside` keeps."""

    least_height: ClassVar[int] = 0

    def __init__(self, name: str, width: int = FORM_WIDTH) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWindowFlags(Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._width = width
        self._is_answered = False
        self._is_closing = False
        self._fitted: QSize | None = None
        self.column = QVBoxLayout()
        self.buttons = QHBoxLayout()
        self.head_mark = QLabel()
        self.head = plain_label("", "title")
        self.trouble = plain_label("", "problem")
        self.trouble.setObjectName(f"{name}Problem")
        self.trouble.hide()
        self._arrange()

    def _arrange(self) -> None:
        self.page = QWidget()
        self.page.setProperty("role", "page")
        self.page.setLayout(self.column)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        self.view = QScrollArea()
        self.view.setWidget(self.page)
        self.view.setWidgetResizable(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.buttons.setSpacing(2 * STEP)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(5 * STEP, 5 * STEP, 5 * STEP, 4 * STEP)
        whole.setSpacing(3 * STEP)
        whole.addLayout(self._title_row())
        whole.addWidget(self.view, 1)
        whole.addWidget(self.trouble)
        whole.addLayout(self.buttons)

    def _title_row(self) -> QHBoxLayout:
        self.head_mark.setFixedSize(_MARK, _MARK)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(3 * STEP)
        row.addWidget(self.head_mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.head, 1)
        return row

    def set_head(self, text: str, mark: str, colour: str) -> None:
        """Show the one title of this window; its mark takes the theme's colour named `colour`."""
        self.setWindowTitle(text)
        self.head.setText(text)
        drawn = icons.pixmap(mark, getattr(theme.colours(), colour), _MARK, self.devicePixelRatioF())
        self.head_mark.setPixmap(drawn)
        self.setWindowIcon(icons.icon(mark, getattr(theme.colours(), colour)))

    def come_forward(self) -> None:
        """Show the window before the others, ready for the keyboard."""
        self.show()
        self.raise_()
        self.activateWindow()

    def show_problem(self, text: str) -> None:
        """Say above the buttons what did not work, and keep everything that was entered."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        if text and self.isVisible():
            self.grow()

    def fit(self, remembered: QSize | None = None) -> None:
        """Take the size the content needs, or the one a person gave last time, within the screen."""
        self._take_size(remembered or QSize())
        self._fitted = self.size()

    def grow(self) -> None:
        """Make room for what was added since; never shrink under the pointer."""
        is_ours = not self.was_resized_by_person()
        self._take_size(self.size())
        if is_ours:
            self._fitted = self.size()

    def _take_size(self, least: QSize) -> None:
        """Become as large as the content needs and the screen allows; a scroll bar takes no room from the content."""
        room = self.screen().availableGeometry().size() - QSize(2 * STEP, _FRAME_HEIGHT)
        needed = self._needed()
        if needed.height() > room.height():
            needed += QSize(self.view.verticalScrollBar().sizeHint().width(), 0)
        self.resize(least.expandedTo(needed).boundedTo(room))

    def was_resized_by_person(self) -> bool:
        """Return whether the window has another size than the one it was opened with."""
        return self._fitted is not None and self.size() != self._fitted

    def _needed(self) -> QSize:
        """Return the size at which nothing needs to scroll."""
        for child in self.findChildren(QWidget):
            child.ensurePolished()  # sizes are right only in the style they will have
            if (inner_layout := child.layout()) is not None:
                inner_layout.activate()  # what was shown a moment ago counts
        self.column.invalidate()
        self.column.activate()
        around = self.layout().contentsMargins()  # type: ignore[union-attr]  # the layout is made above
        width = max(self._width, self.column.minimumSize().width() + around.left() + around.right())
        inner = width - around.left() - around.right()
        flow = self.column.heightForWidth(inner) if self.column.hasHeightForWidth() else 0
        page = max(flow, self.column.minimumSize().height())
        frame = self.layout().minimumSize().height() - self.view.minimumSizeHint().height()  # type: ignore[union-attr]  # as above
        return QSize(width, max(page + frame + 2 * STEP, self.least_height))

    def answer(self) -> None:
        """Close for good: what this window asked has its answer."""
        self._is_answered = True
        self.close()

    def put_aside(self) -> None:
        """Keep what was begun; called once when the window closes without an answer."""

    def reject(self) -> None:
        if self._is_closing:
            super().reject()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self._is_closing = True
        if not self._is_answered:
            self._is_answered = True
            self.put_aside()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = self.focusWidget()
            if isinstance(focused, QPushButton):
                focused.click()
            event.accept()
            return
        super().keyPressEvent(event)
