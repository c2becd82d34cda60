"""A person's own words to the makers of the product: a problem, an idea, a question, praise."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.feedback_report import FeedbackDraft, File, Opening, build
from crashdesk.agent.ui.fields import ChoiceRow, ContactRow, WordsBox
from crashdesk.agent.ui.files_box import FilesBox
from crashdesk.agent.ui.parts import without
from crashdesk.agent.ui.preview import PreviewWindow, Selection
from crashdesk.agent.ui.readable import size_in_words
from crashdesk.agent.ui.sheet import Sheet, button, line, plain_label
from crashdesk.protocol.envelope import Envelope

_DRAFT_AFTER_MILLISECONDS = 1000


def _tr(text: str) -> str:
    return QCoreApplication.translate("FeedbackWindow", text)


def _prompt(kind: str) -> str:
    return {
        "problem": _tr("What happened, and what did you expect?"),
        "idea": _tr("What would you like to do, and what is in the way?"),
        "question": _tr("What would you like to know?"),
        "praise": _tr("What works well for you?"),
    }[kind]


@dataclass(frozen=True, slots=True)
class Sending:
    """What `sent` carries: everything that makes the envelope."""

    draft: FeedbackDraft
    opening: Opening
    feedback_id: str

    def envelope(self) -> Envelope:
        """Return what is sent, to the byte."""
        return without(build(self.draft, self.opening, self.feedback_id), self.draft.removed)


class FeedbackWindow(Sheet):
    """One feedback; `sent` once when it goes, `kept` whenever the draft is worth keeping."""

    sent = Signal(object)
    kept = Signal(object)
    settings_wanted = Signal()

    def __init__(
        self,
        at: Opening,
        draft: FeedbackDraft | None,
        contact: str,
        feedback_id: str,
        background: Background,
    ) -> None:
        super().__init__("feedbackWindow")
        self._at = at
        self._feedback_id = feedback_id
        self._background = background
        self._removed: frozenset[str] = frozenset()
        self._preview: PreviewWindow | None = None
        self.set_head(_tr("Send feedback to the makers of {product}").format(product=at.product), "feedback", "blue")
        self._build()
        self._fill(draft or FeedbackDraft(kind=at.kind, words=at.words), contact)
        self._connect()
        self._follow()
        self._note_draft(draft)
        self.words.setFocus()
        self.fit()

    def _build(self) -> None:
        self.kind = ChoiceRow(
            "feedbackKind",
            "",
            (
                ("feedbackKindProblem", "problem", _tr("&Problem")),
                ("feedbackKindIdea", "idea", _tr("&Idea")),
                ("feedbackKindQuestion", "question", _tr("&Question")),
                ("feedbackKindPraise", "praise", _tr("Pr&aise")),
            ),
        )
        self.kind.setAccessibleName(_tr("What is it?"))
        self.column.addWidget(self.kind)
        self._prompt = plain_label("", "caption")
        self.words = WordsBox("feedbackWords", 6)
        self.column.addWidget(self._prompt)
        self.column.addWidget(self.words, 1)
        self.severity = ChoiceRow(
            "feedbackSeverity",
            _tr("Does it hold you up?"),
            (
                ("feedbackSeverityNot", "not", _tr("&Not really")),
                ("feedbackSeveritySomewhat", "somewhat", _tr("So&mewhat")),
                ("feedbackSeverityFully", "fully", _tr("F&ully")),
            ),
        )
        self.column.addWidget(self.severity)
        self.files = FilesBox(self._background)
        self.column.addWidget(self.files)
        self._build_facts()
        self._build_buttons()

    def _build_facts(self) -> None:
        self.include_snapshot = QCheckBox(_tr("Include facts about the program and this &computer"))
        self.include_snapshot.setObjectName("feedbackIncludeSnapshot")
        self.include_snapshot.setVisible(bool(self._at.contexts))
        self.contact = ContactRow(("feedbackContactAllowed", "feedbackContact"), _tr("You may ask me &back"))
        self.column.addWidget(self.include_snapshot)
        self.contact.grown.connect(self.grow)
        self.column.addWidget(self.contact)
        self.column.addWidget(line())
        self._size = plain_label("")
        self._size.setObjectName("feedbackSent")
        everything = button(_tr("See &everything…"), "feedbackSeeEverything", "quiet")
        everything.clicked.connect(self._open_preview)
        settings = button(_tr("Settin&gs…"), "feedbackSettings", "quiet")
        settings.setToolTip(_tr("Whether reports about this program are sent, and what became of them."))
        settings.clicked.connect(self.settings_wanted)
        row = QHBoxLayout()
        row.addWidget(self._size, 1)
        row.addWidget(settings, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(everything, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self.column.addStretch(1)

    def _build_buttons(self) -> None:
        self._state = plain_label("", "meta")
        self._state.setObjectName("feedbackDraftState")
        keep = button(_tr("&Keep draft"), "feedbackKeepDraft")
        keep.setToolTip(_tr("Your words stay on this computer and stand here again next time."))
        keep.clicked.connect(self.close)
        self._send = button(_tr("&Send feedback"), "feedbackSend", "main")
        self._send.clicked.connect(self._answer)
        self.buttons.addWidget(self._state, 1)
        self.buttons.addWidget(keep)
        self.buttons.addWidget(self._send)

    def _fill(self, draft: FeedbackDraft, contact: str) -> None:
        self._removed = draft.removed
        self.kind.choose(draft.kind)
        self.words.fill(draft.words)
        self.severity.choose(draft.severity)
        self.include_snapshot.setChecked(draft.includes_snapshot)
        self.files.fill(draft.files)
        self.contact.remember(draft.contact or contact)
        self.contact.allowed.setChecked(bool(draft.contact))

    def _connect(self) -> None:
        self._draft_later = QTimer(self)
        self._draft_later.setSingleShot(True)
        self._draft_later.setInterval(_DRAFT_AFTER_MILLISECONDS)
        self._draft_later.timeout.connect(self._keep)
        self.files.problem.connect(self.show_problem)
        self.files.changed.connect(lambda: self.show_problem(""))
        self.files.changed.connect(self.grow)
        for signal in (
            self.kind.changed,
            self.words.textChanged,
            self.severity.changed,
            self.files.changed,
            self.include_snapshot.toggled,
            self.contact.allowed.toggled,
            self.contact.address.textEdited,
        ):
            signal.connect(self._changed)

    def _changed(self, *_values: object) -> None:
        self._follow()
        self._draft_later.start()

    def draft(self) -> FeedbackDraft:
        """Return what the window says now."""
        return FeedbackDraft(
            kind=self.kind.value() or "problem",
            words=self.words.words(),
            severity=self.severity.value(),
            contact=self.contact.value(),
            includes_snapshot=self.include_snapshot.isChecked(),
            files=self.files.files(),
            removed=self._removed,
        )

    def _sending(self) -> Sending:
        return Sending(self.draft(), self._at, self._feedback_id)

    def _follow(self) -> None:
        draft = self.draft()
        prompt = _prompt(draft.kind)
        self._prompt.setText(prompt)
        self.words.setAccessibleName(prompt)
        self.severity.setVisible(draft.kind == "problem")
        self._send.setEnabled(not draft.is_empty)
        self._send.setToolTip(_tr("Write a few words, or add a picture.") if draft.is_empty else "")
        size = size_in_words(len(self._sending().envelope().to_bytes()))
        self._size.setText(_tr("What is sent: {size}.").format(size=size))

    def _open_preview(self) -> None:
        whole = build(self.draft(), self._at, self._feedback_id)
        self._preview = PreviewWindow(whole, Selection(self._removed), self._background, self._choose)
        self._preview.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._preview.come_forward()

    def _choose(self, selection: Selection) -> None:
        """Take over what the preview switched off: files go, facts are cut, pictures are replaced."""
        kept = []
        for number, file in enumerate(self.files.files(), 1):
            key = f"file:{number}"
            if key in selection.pictures:
                kept.append(File(file.name, selection.pictures[key], "image/png"))
            elif key not in selection.removed:
                kept.append(file)
        self._removed = frozenset(key for key in selection.removed if not key.startswith("file:"))
        self.files.fill(kept)

    def _keep(self) -> None:
        draft = self.draft()
        self.kept.emit(draft)
        self._note_draft(draft)

    def _note_draft(self, draft: FeedbackDraft | None) -> None:
        self._state.setText(_tr("Draft kept.") if draft is not None and not draft.is_empty else "")

    def _answer(self) -> None:
        if self.contact.is_fine():
            self._draft_later.stop()
            self.sent.emit(self._sending())
            self.answer()

    def put_aside(self) -> None:
        self._draft_later.stop()
        self._keep()
