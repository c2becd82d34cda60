"""The dialog of preferences."""

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from crashdesk.demo.fieldbook.naming import named
from crashdesk.demo.fieldbook.state import State

_UNITS = (("km", "Kilometres"), ("miles", "Miles"))


class PreferencesDialog(QDialog):
    """Shows the preferences; Save writes them into the state it was given."""

    def __init__(self, state: State, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("preferencesDialog")
        self._state = state
        self.setWindowTitle(self.tr("Preferences"))
        self.unit = named(QComboBox(), "distanceUnit")
        for unit, name in _UNITS:
            self.unit.addItem(self.tr(name), unit)
        self.unit.setCurrentIndex(self.unit.findData(state.distance_unit))
        self.text_size = named(QSpinBox(minimum=8, maximum=24, value=state.text_size, suffix=" pt"), "textSize")
        self._arrange()

    def accept(self) -> None:
        """Take the values over."""
        self._state.distance_unit = self.unit.currentData()
        self._state.text_size = self.text_size.value()
        super().accept()

    def _arrange(self) -> None:
        self.setMinimumWidth(320)
        form = QFormLayout()
        form.addRow(self.tr("&Distances in"), self.unit)
        form.addRow(self.tr("&Text size of notes"), self.text_size)
        buttons = named(QDialogButtonBox(), "preferencesButtons")
        save = buttons.addButton(self.tr("&Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        save.setObjectName("preferencesSave")
        cancel = buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setObjectName("preferencesCancel")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
