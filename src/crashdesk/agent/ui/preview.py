"""See everything: left the parts of a report with a switch and a size each, right the part, readable or raw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QRadioButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from crashdesk.agent.ui import icons, theme
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.parts import Part, parts, without
from crashdesk.agent.ui.readable import raw, readable, size_in_words, title, whole
from crashdesk.agent.ui.screenshot import BlackOutWindow, png
from crashdesk.agent.ui.sheet import Sheet, button, plain_label
from crashdesk.agent.ui.tokens import STEP
from crashdesk.protocol.envelope import Envelope

_WHOLE = "whole"


def _tr(text: str) -> str:
    return QCoreApplication.translate("PreviewWindow", text)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a person left out and blacked out."""

    removed: frozenset[str] = frozenset()
    pictures: Mapping[str, bytes] = field(default_factory=dict)


class PictureView(QLabel):
    """A picture, as large as there is room and never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("previewPicture")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(120, 120)
        self._image = QImage()

    def show_image(self, image: QImage) -> None:
        self._image = image
        self._fit()

    def _fit(self) -> None:
        if self._image.isNull():
            self.setText(_tr("This picture cannot be shown. It is sent as it is, or switch it off."))
            return
        ratio = self.devicePixelRatioF()
        room = (self.size() * ratio).boundedTo(self._image.size())
        drawn = QPixmap.fromImage(self._image).scaled(
            room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        drawn.setDevicePixelRatio(ratio)
        self.setPixmap(drawn)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()


class PreviewWindow(Sheet):
    """Shows `envelope` part by part; closing it hands over what was switched off, however it is closed."""

    least_height = 560

    def __init__(
        self, envelope: Envelope, chosen: Selection, background: Background, done: Callable[[Selection], None]
    ) -> None:
        super().__init__("previewWindow", 860)
        self._envelope = envelope
        self._removed = set(chosen.removed)
        self._pictures = dict(chosen.pictures)
        self._background = background
        self._editor: BlackOutWindow | None = None
        self._covered: dict[str, QImage] = {}
        self._done = done
        self._parts = {part.key: part for part in parts(envelope)}
        self.set_head(_tr("Everything that would be sent"), "file", "accent")
        self._build_list()
        self._build_content()
        self._build_buttons()
        self._arrange_panes()
        self._fill()
        self.fit()
        self._list.setFocus()

    def _build_list(self) -> None:
        self._list = QTreeWidget()
        self._list.setObjectName("previewParts")
        self._list.setAccessibleName(_tr("Parts of the report; Space switches one off or on"))
        self._list.setHeaderLabels([_tr("Part"), _tr("Size")])
        self._list.setRootIsDecorated(False)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.setMinimumWidth(290)
        self._list.currentItemChanged.connect(lambda *_items: self._show_part())
        self._list.itemChanged.connect(self._switch)

    def _build_content(self) -> None:
        self._caption = plain_label("", "caption")
        self._note = plain_label("", "meta")
        self._is_readable = QRadioButton(_tr("&Readable"))
        self._is_readable.setObjectName("previewReadable")
        self._is_readable.setChecked(True)
        self._is_raw = QRadioButton(_tr("Ra&w"))
        self._is_raw.setObjectName("previewRaw")
        self._is_raw.toggled.connect(lambda _is_on: self._show_part())
        self._text = QPlainTextEdit()
        self._text.setObjectName("previewText")
        self._text.setAccessibleName(_tr("The chosen part"))
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setProperty("role", "code")
        self._picture = PictureView()
        self._picture.setAccessibleName(_tr("The chosen picture"))
        self._content = QStackedWidget()
        self._content.addWidget(self._text)
        self._content.addWidget(self._picture)

    def _build_buttons(self) -> None:
        self._black_out = button(_tr("&Black out…"), "previewBlackOut")
        self._black_out.clicked.connect(self._open_black_out)
        self._total = plain_label("", "meta")
        self._total.setObjectName("previewTotal")
        done = button(_tr("&Done"), "previewDone", "main")
        done.clicked.connect(self.close)
        self.buttons.addWidget(self._total, 1)
        self.buttons.addWidget(self._black_out)
        self.buttons.addWidget(done)

    def _arrange_panes(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(3 * STEP)
        head.addWidget(self._caption, 1)
        head.addWidget(self._is_readable)
        head.addWidget(self._is_raw)
        right = QVBoxLayout()
        right.setSpacing(2 * STEP)
        right.addLayout(head)
        right.addWidget(self._content, 1)
        right.addWidget(self._note)
        panes = QWidget()
        row = QHBoxLayout(panes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * STEP)
        row.addWidget(self._list, 1)
        row.addLayout(right, 2)
        self.column.addWidget(panes, 1)

    def _fill(self) -> None:
        self._list.blockSignals(True)
        for part in self._parts.values():
            self._list.addTopLevelItem(self._row(part))
        whole = QTreeWidgetItem([_tr("All of it, as it is sent"), ""])
        whole.setData(0, Qt.ItemDataRole.UserRole, _WHOLE)
        self._list.addTopLevelItem(whole)
        self._list.blockSignals(False)
        self._list.setCurrentIndex(self._list.model().index(0, 0))
        self._show_total()

    def _row(self, part: Part) -> QTreeWidgetItem:
        row = QTreeWidgetItem([title(part), size_in_words(part.size_bytes)])
        row.setData(0, Qt.ItemDataRole.UserRole, part.key)
        row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if part.is_needed:
            row.setIcon(0, icons.icon("needed", theme.colours().meta))
            row.setToolTip(0, _tr("There is no report without it."))
        else:
            is_on = part.key not in self._removed
            row.setCheckState(0, Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        return row

    def _current(self) -> str:
        row = self._list.currentItem()
        return str(row.data(0, Qt.ItemDataRole.UserRole)) if row is not None else _WHOLE

    def _switch(self, row: QTreeWidgetItem) -> None:
        key = str(row.data(0, Qt.ItemDataRole.UserRole))
        if key not in self._parts or self._parts[key].is_needed:
            return
        if row.checkState(0) is Qt.CheckState.Checked:
            self._removed.discard(key)
        else:
            self._removed.add(key)
        self._show_part()
        self._show_total()

    def _what_is_left(self) -> Envelope:
        return without(self._envelope, frozenset(self._removed), self._pictures)

    def _show_total(self) -> None:
        size = size_in_words(len(self._what_is_left().to_bytes()))
        self._total.setText(_tr("What is sent: {size}, and the time at which it is sent.").format(size=size))

    def _show_part(self) -> None:
        key = self._current()
        part = self._parts.get(key)
        is_picture = part is not None and part.is_picture
        self._black_out.setVisible(is_picture)
        self._is_readable.setEnabled(part is not None)
        shows_picture = part is not None and part.is_picture and not self._is_raw.isChecked()
        self._content.setCurrentWidget(self._picture if shows_picture else self._text)
        self._caption.setText(title(part) if part is not None else _tr("All of it, as it is sent"))
        self._note.setText(self._remark(part))
        is_laid_out = part is not None and self._is_raw.isChecked()
        wrap = QPlainTextEdit.LineWrapMode
        self._text.setLineWrapMode(wrap.NoWrap if is_laid_out else wrap.WidgetWidth)
        if part is None:
            self._text.setPlainText(whole(self._what_is_left()))
        elif shows_picture:
            self._picture.show_image(QImage.fromData(self._as_sent(part).content))
        else:
            shown = self._as_sent(part)
            self._text.setPlainText(raw(shown) if self._is_raw.isChecked() else readable(shown))

    def _as_sent(self, part: Part) -> Part:
        return replace(part, content=self._pictures.get(part.key, part.content))

    def _remark(self, part: Part | None) -> str:
        if part is None:
            return ""
        if part.key == "words":
            return _tr("Change your words in the window before this one.")
        if part.is_needed:
            return _tr("There is no report without it.")
        return _tr("Switched off: not sent.") if part.key in self._removed else _tr("Sent, unless you switch it off.")

    def _open_black_out(self) -> None:
        part = self._parts[self._current()]
        image = QImage.fromData(self._as_sent(part).content)
        if image.isNull():
            self.show_problem(_tr("This picture cannot be opened. Switch it off if it must not be sent."))
            return
        self._editor = BlackOutWindow(image, lambda covered: self._cover(part.key, covered))
        self._editor.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._editor.come_forward()

    def _cover(self, key: str, image: QImage) -> None:
        """Put the covered picture in the place of the old one; until its bytes are made, the image itself counts."""
        self._covered[key] = image

        def keep(data: bytes) -> None:
            self._pictures[key] = data
            if self._covered.get(key) is image:
                del self._covered[key]
            self._show_part()
            self._show_total()

        self._background.ask(lambda: png(image), keep, self.show_problem, self)

    def put_aside(self) -> None:
        self._pictures |= {key: png(image) for key, image in self._covered.items()}
        self._done(Selection(frozenset(self._removed), dict(self._pictures)))
