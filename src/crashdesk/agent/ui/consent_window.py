"""What is collected and why, and the one choice: ask each time, always send, never."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton

from crashdesk.agent.ui.sheet import Sheet, button, plain_label
from crashdesk.agent.ui.tokens import STEP
from crashdesk.outbox.notices import Consent


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConsentWindow", text)


def consent_in_words(consent: Consent) -> str:
    """Return the present choice as half a sentence for other windows."""
    return {
        Consent.UNKNOWN: _tr("You are asked before each report."),
        Consent.GIVEN: _tr("Reports are sent without asking."),
        Consent.REFUSED: _tr("No reports are kept or sent."),
    }[consent]


class ConsentWindow(Sheet):
    """Asks once, and again whenever the person wants to change it."""

    reports_wanted = Signal()

    def __init__(self, product: str, consent: Consent, waiting: int, save: Callable[[Consent], None]) -> None:
        """`save` is called with the new choice; `waiting` reports are touched by it."""
        super().__init__("consentWindow", 520)
        self._save = save
        self._waiting = waiting
        self.set_head(_tr("Reports about {product}").format(product=product), "crashdesk", "accent")
        self.column.addWidget(plain_label(self._what(product)))
        self.column.addSpacing(STEP)
        self._choices = QButtonGroup(self)
        self._add_choice("consentAsk", Consent.UNKNOWN, _tr("&Ask me each time"))
        self._add_choice("consentGiven", Consent.GIVEN, _tr("Always &send, without asking"))
        self._add_choice("consentRefused", Consent.REFUSED, _tr("&Never keep or send anything"))
        self._effect = plain_label("", "meta")
        self._effect.setObjectName("consentEffect")
        self._effect.setMinimumHeight(self._effect.fontMetrics().lineSpacing() * 2)
        self.column.addWidget(self._effect)
        self.column.addStretch(1)
        self._add_buttons()
        self._choice(consent).setChecked(True)
        self._choice(consent).setFocus()
        self.fit()

    def _what(self, product: str) -> str:
        return _tr(
            "When {product} fails, a report can go to its makers: where in the program it happened, the last steps in"
            " its windows, and facts such as its version and your operating system. A random number tells this"
            " installation from others, so that it is counted once. Documents and typed text are not collected,"
            " passwords and keys are removed. When you are asked, you can see all of it; only the error, its time and"
            " the version cannot be left out."
        ).format(product=product)

    def _add_choice(self, name: str, consent: Consent, text: str) -> None:
        made = QRadioButton(text)
        made.setObjectName(name)
        made.setProperty("consent", consent.value)
        made.toggled.connect(lambda is_on: self._show_effect(consent) if is_on else None)
        self._choices.addButton(made)
        self.column.addWidget(made)

    def _choice(self, consent: Consent) -> QRadioButton:
        return next(
            made
            for made in self._choices.buttons()
            if isinstance(made, QRadioButton) and made.property("consent") == consent.value
        )

    def _show_effect(self, consent: Consent) -> None:
        count = self._waiting
        waits = _tr("1 report waits") if count == 1 else _tr("{count} reports wait").format(count=count)
        effects = {
            Consent.UNKNOWN: _tr("A report waits on this computer until you have decided about it."),
            Consent.GIVEN: _tr("{waits} and will be sent now.").format(waits=waits) if count else "",
            Consent.REFUSED: _tr("{waits} and will be deleted.").format(waits=waits) if count else "",
        }
        self._effect.setText(effects[consent])

    def _add_buttons(self) -> None:
        cancel = button(_tr("Leave as it &is"), "consentCancel")
        reports = button(_tr("My &reports…"), "consentReports", "quiet")
        save = button(_tr("&Keep this choice"), "consentSave", "main")
        cancel.clicked.connect(self.answer)
        reports.clicked.connect(self.reports_wanted)
        save.clicked.connect(self._keep)
        self.buttons.addWidget(cancel)
        self.buttons.addStretch(1)
        self.buttons.addWidget(reports)
        self.buttons.addWidget(save)

    def _keep(self) -> None:
        chosen = next(consent for consent in Consent if self._choice(consent).isChecked())
        self._save(chosen)
        self.answer()
