"""After a crash, an error or a hang: says what happened, asks for words, shows what would be sent, and asks to send."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel

from crashdesk.agent.ui import sentences
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.fields import ChoiceRow, ContactRow, WordsBox
from crashdesk.agent.ui.parts import parts
from crashdesk.agent.ui.preview import PreviewWindow, Selection
from crashdesk.agent.ui.problems import Problem
from crashdesk.agent.ui.readable import size_in_words
from crashdesk.agent.ui.reply import Action, HowOften, Reply, compose
from crashdesk.agent.ui.sheet import Sheet, button, line, plain_label
from crashdesk.agent.ui.tokens import STEP

_COUNT_AFTER_MILLISECONDS = 200
_DRAFT_AFTER_MILLISECONDS = 1000
_THUMBNAIL = QSize(112, 70)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CrashWindow", text)


@dataclass(frozen=True, slots=True)
class Known:
    """What the window needs to know besides the problem: what was entered before, and what can be offered."""

    now: datetime
    draft: Reply | None = None
    contact: str = ""
    consent_in_words: str = ""
    can_restart: bool = False
    feedback_id: str = ""
    size: QSize | None = None


class CrashWindow(Sheet):
    """One problem, one window; `answered` carries the person's reply, once."""

    answered = Signal(object)
    drafted = Signal(object)
    settings_wanted = Signal()

    def __init__(self, problem: Problem, known: Known, background: Background) -> None:
        super().__init__("crashWindow")
        self._case = problem
        self._known = known
        self._background = background
        self._envelope = problem.newest.envelope
        self._pictures = [part for part in parts(self._envelope) if part.is_picture]
        self._selection = Selection(frozenset(part.key for part in self._pictures))
        self._preview: PreviewWindow | None = None
        mark, colour = sentences.mark(problem)
        self.set_head(sentences.head(problem), mark, colour)
        self._build()
        self._fill()
        self._timers()
        self.words.setFocus()
        self.fit(known.size)

    def _build(self) -> None:
        self._story = plain_label(sentences.story(self._case, self._known.now))
        self._story.setObjectName("crashStory")
        self.column.addWidget(self._story)
        self.column.addSpacing(STEP)
        self._build_words()
        self._build_picture()
        self.contact = ContactRow(("crashContactAllowed", "crashContact"), _tr("You may ask me &back"))
        self.contact.grown.connect(self.grow)
        self.column.addWidget(self.contact)
        self.column.addWidget(line())
        self._build_sent()
        self._build_memory()
        self.column.addStretch(1)
        self._build_buttons()

    def _build_words(self) -> None:
        caption = plain_label(_tr("&What were you doing? (optional)"), "caption")
        caption.setTextFormat(Qt.TextFormat.AutoText)  # a fixed text of ours, for its mnemonic
        self.words = WordsBox("crashWords")
        self.words.setAccessibleName(_tr("What were you doing?"))
        caption.setBuddy(self.words)
        self.how_often = ChoiceRow(
            "crashHowOften",
            _tr("Does it happen every time?"),
            (
                ("everyTime", HowOften.EVERY_TIME, _tr("&Yes")),
                ("sometimes", HowOften.SOMETIMES, _tr("S&ometimes")),
                ("firstTime", HowOften.FIRST_TIME, _tr("&First time")),
            ),
        )
        self.column.addWidget(caption)
        self.column.addWidget(self.words, 1)
        self.column.addWidget(self.how_often)

    def _build_picture(self) -> None:
        if not self._pictures:
            return
        self._include_picture = QCheckBox(_tr("Include a &picture of the window"))
        self._include_picture.setObjectName("crashIncludePicture")
        self._include_picture.toggled.connect(self._switch_pictures)
        thumbnail = QLabel()
        thumbnail.setAccessibleName(_tr("The picture"))
        image = QImage.fromData(self._pictures[0].content)
        if not image.isNull():
            thumbnail.setPixmap(_thumbnail(image, self.devicePixelRatioF()))
        row = QHBoxLayout()
        row.addWidget(self._include_picture, 1)
        row.addWidget(thumbnail)
        self.column.addLayout(row)

    def _build_sent(self) -> None:
        self._sent = plain_label("")
        self._sent.setObjectName("crashSent")
        everything = button(_tr("See &everything…"), "crashSeeEverything", "quiet")
        everything.clicked.connect(self._open_preview)
        row = QHBoxLayout()
        row.addWidget(self._sent, 1)
        row.addWidget(everything, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)

    def _build_memory(self) -> None:
        self.dont_ask_again = QCheckBox(_tr("Do &not ask again about this problem"))
        self.dont_ask_again.setObjectName("crashDontAskAgain")
        self.dont_ask_again.setToolTip(_tr("Later reports of this problem get the answer you give now."))
        self.column.addWidget(self.dont_ask_again)
        settings = button(_tr("Settin&gs…"), "crashSettings", "quiet")
        settings.clicked.connect(self.settings_wanted)
        self._consent = plain_label(self._covers(), "meta")
        row = QHBoxLayout()
        row.addWidget(self._consent, 1)
        row.addWidget(settings, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)

    def _covers(self) -> str:
        repeats = _tr("Your answer also counts for repeats in the same run of {product}.").format(
            product=sentences.product_name(self._case)
        )
        return " ".join(text for text in (self._known.consent_in_words, repeats if self._case.went_on else "") if text)

    def _build_buttons(self) -> None:
        refuse = button(_tr("&Don't send"), "crashDontSend")
        refuse.setToolTip(_tr("The report is deleted from this computer."))
        refuse.clicked.connect(lambda: self._answer(Action.REFUSE))
        later = button(_tr("Keep for &later"), "crashLater")
        later.setToolTip(_tr("The report stays on this computer; you are asked again at the next start."))
        later.clicked.connect(self.close)
        self.buttons.addWidget(refuse)
        self.buttons.addStretch(1)
        self.buttons.addWidget(later)
        if self._known.can_restart and not self._case.went_on and not self._case.runs_again:
            self._add_send(_tr("&Send report"), "crashSend", "", restart=False)
            self._add_send(_tr("Send and &restart"), "crashSendRestart", "main", restart=True)
        else:
            self._add_send(_tr("&Send report"), "crashSend", "main", restart=False)

    def _add_send(self, text: str, name: str, role: str, *, restart: bool) -> None:
        made = button(text, name, role)
        made.clicked.connect(lambda: self._answer(Action.SEND, restart=restart))
        self.buttons.addWidget(made)

    def _timers(self) -> None:
        self._count_later = self._timer(_COUNT_AFTER_MILLISECONDS, self._show_sent)
        self._draft_later = self._timer(_DRAFT_AFTER_MILLISECONDS, lambda: self.drafted.emit(self.reply(Action.LATER)))
        self.words.textChanged.connect(self._changed)
        self.how_often.changed.connect(self._changed)
        self.contact.allowed.toggled.connect(self._changed)
        self.contact.address.textEdited.connect(self._changed)
        self._show_sent()

    def _timer(self, milliseconds: int, action: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(action)
        return timer

    def _fill(self) -> None:
        self.contact.remember(self._known.contact)
        draft = self._known.draft
        if draft is None:
            return
        self.words.fill(draft.words)
        self.how_often.choose(draft.how_often)
        if draft.contact:
            self.contact.remember(draft.contact)
            self.contact.allowed.setChecked(True)
        self._choose(Selection(draft.removed))

    def _changed(self, *_values: object) -> None:
        self._count_later.start()
        self._draft_later.start()

    def reply(self, action: Action, *, restart: bool = False) -> Reply:
        """Return what the window says now."""
        return Reply(
            action=action,
            words=self.words.words(),
            how_often=self.how_often.value(),
            contact=self.contact.value(),
            removed=self._selection.removed,
            pictures=self._selection.pictures,
            is_for_ever=self.dont_ask_again.isChecked(),
            is_restart_wanted=restart,
        )

    def _show_sent(self) -> None:
        sent = compose(self._envelope, self.reply(Action.SEND), self._known.feedback_id)
        files = sum(part.is_file for part in parts(sent))
        size = size_in_words(len(sent.to_bytes()))
        what = {0: _tr("no files"), 1: _tr("1 file")}.get(files) or _tr("{count} files").format(count=files)
        self._sent.setText(_tr("What is sent: {size}, {files}.").format(size=size, files=what))

    def _switch_pictures(self, is_on: bool) -> None:
        keys = {part.key for part in self._pictures}
        removed = self._selection.removed - keys if is_on else self._selection.removed | keys
        self._choose(replace(self._selection, removed=frozenset(removed)))

    def _choose(self, selection: Selection) -> None:
        self._selection = selection
        if self._pictures:
            self._include_picture.blockSignals(True)
            self._include_picture.setChecked(any(part.key not in selection.removed for part in self._pictures))
            self._include_picture.blockSignals(False)
        self._show_sent()

    def _open_preview(self) -> None:
        unabridged = replace(self.reply(Action.SEND), removed=frozenset(), pictures={})
        whole = compose(self._envelope, unabridged, self._known.feedback_id)
        self._preview = PreviewWindow(whole, self._selection, self._background, self._choose)
        self._preview.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._preview.come_forward()

    def add_repeats(self, problem: Problem) -> None:
        """Say that it happened again meanwhile; nothing that was entered is touched."""
        self._case = replace(self._case, report_ids=problem.report_ids, runs=problem.runs)
        self._story.setText(sentences.story(self._case, self._known.now))

    @property
    def case(self) -> Problem:
        return self._case

    def set_consent_in_words(self, text: str) -> None:
        self._known = replace(self._known, consent_in_words=text)
        self._consent.setText(self._covers())

    def _answer(self, action: Action, *, restart: bool = False) -> None:
        if action is Action.SEND and not self.contact.is_fine():
            return
        self.give(action, restart=restart)

    def give(self, action: Action, *, restart: bool = False) -> None:
        """Answer with what stands in the window, and close."""
        self._draft_later.stop()
        self.answered.emit(self.reply(action, restart=restart))
        self.answer()

    def put_aside(self) -> None:
        self._draft_later.stop()
        self.answered.emit(self.reply(Action.LATER))


def _thumbnail(image: QImage, ratio: float) -> QPixmap:
    drawn = QPixmap.fromImage(image).scaled(
        _THUMBNAIL * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    drawn.setDevicePixelRatio(ratio)
    return drawn
