"""What a person fills in: words, one of several choices, and a mail address for questions."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtGui import QFontMetrics, QTextCursor
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from crashdesk.agent.ui.sheet import plain_label
from crashdesk.agent.ui.tokens import STEP

MAX_WORDS = 20_000
"""Characters of a person's words that are taken; longer text is cut at the end when it is read."""


class WordsBox(QPlainTextEdit):
    """A box for a person's own words: Tab leaves it, Enter is a new line."""

    def __init__(self, name: str, lines: int = 4) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTabChangesFocus(True)
        self._lines = lines

    def fill(self, text: str) -> None:
        """Show what was written before, ready to be continued."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def words(self) -> str:
        """Return the text without blank edges."""
        return self.toPlainText().strip()[:MAX_WORDS]

    def _height(self) -> int:
        return QFontMetrics(self.font()).lineSpacing() * self._lines + 6 * STEP

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, self._height())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(400, self._height())


class ChoiceRow(QWidget):
    """One question with a few answers in a row, none of them chosen beforehand unless told."""

    changed = Signal()

    def __init__(self, name: str, caption: str, choices: Sequence[tuple[str, str, str]]) -> None:
        """`choices` are (object name, value, text with mnemonic)."""
        super().__init__()
        self.setObjectName(name)
        self._values: dict[int, str] = {}
        self.group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * STEP)
        if caption:
            self.setAccessibleName(caption)
            label = plain_label(caption)
            label.setWordWrap(False)
            row.addWidget(label)
        for number, (child, value, text) in enumerate(choices):
            row.addWidget(self._choice(number, child, text, caption))
            self._values[number] = value
        row.addStretch(1)
        self.group.idToggled.connect(lambda _number, is_on: self.changed.emit() if is_on else None)

    def _choice(self, number: int, name: str, text: str, caption: str) -> QRadioButton:
        made = QRadioButton(text)
        made.setObjectName(name)
        made.setAccessibleName(f"{caption} {text.replace('&', '')}".strip())
        self.group.addButton(made, number)
        return made

    def value(self) -> str | None:
        """Return the value of the chosen answer."""
        return self._values.get(self.group.checkedId())

    def choose(self, value: str | None) -> None:
        for number, own in self._values.items():
            if own == value:
                self.group.button(number).setChecked(True)


class ContactRow(QWidget):
    """The leave to ask back, and where; the address is only taken with the leave."""

    grown = Signal()
    """It says more than before and needs more room."""

    def __init__(self, names: tuple[str, str], text: str) -> None:
        """`names` are the object names of the check box and of the field."""
        super().__init__()
        self.allowed = QCheckBox(text)
        self.allowed.setObjectName(names[0])
        self.address = QLineEdit()
        self.address.setObjectName(names[1])
        self.address.setPlaceholderText(QCoreApplication.translate("ContactRow", "name@example.org"))
        self.address.setAccessibleName(QCoreApplication.translate("ContactRow", "Your mail address"))
        self.address.setMaxLength(254)
        self.address.setEnabled(False)
        self._problem = plain_label("", "problem")
        self._problem.hide()
        self.allowed.toggled.connect(self._follow)
        self.allowed.clicked.connect(lambda is_on: self.address.setFocus() if is_on else None)
        self.address.textEdited.connect(self._problem.hide)
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * STEP)
        row.addWidget(self.allowed)
        row.addWidget(self.address, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(STEP)
        whole.addLayout(row)
        whole.addWidget(self._problem)

    def _follow(self, is_on: bool) -> None:
        self.address.setEnabled(is_on)
        self._problem.hide()

    def value(self) -> str | None:
        """Return the address when there is leave to use it."""
        return self.address.text().strip() or None if self.allowed.isChecked() else None

    def remember(self, address: str | None) -> None:
        """Fill in the address given last time, without giving the leave."""
        self.address.setText(address or "")

    def is_fine(self) -> bool:
        """Return whether it can be sent so; otherwise say beside the field what is wrong and go there."""
        text = self.address.text().strip()
        name, _, host = text.partition("@")
        is_fine = not self.allowed.isChecked() or bool(name and "." in host and " " not in text)
        self._problem.setVisible(not is_fine)
        if not is_fine:
            self._problem.setText(
                QCoreApplication.translate(
                    "ContactRow",
                    "A mail address looks like name@example.org. Complete it, or clear “You may ask me back”.",
                )
            )
            self.address.setFocus()
            self.grown.emit()
        return is_fine
