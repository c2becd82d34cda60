"""The dialog that asks for one entry."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from crashdesk.demo.fieldbook.entry import Entry
from crashdesk.demo.fieldbook.naming import named

_FIELDS = (
    ("date", "&Date"),
    ("place", "&Place"),
    ("species", "&Species"),
    ("count", "&Count"),
    ("distance_km", "&Kilometres from the start"),
    ("remark", "&Remark"),
)


class AddDialog(QDialog):
    """Asks for one entry."""

    def __init__(self, today: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("addDialog")
        self.setWindowTitle(self.tr("Add entry"))
        self.setMinimumWidth(360)
        self.fields = {name: named(QLineEdit(), f"add_{name}") for name, _ in _FIELDS}
        self.fields["date"].setText(today)
        form = QFormLayout()
        for name, label in _FIELDS:
            form.addRow(self.tr(label), self.fields[name])
        buttons = named(QDialogButtonBox(), "addButtons")
        add = buttons.addButton(self.tr("&Add"), QDialogButtonBox.ButtonRole.AcceptRole)
        add.setObjectName("addAccept")
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole).setObjectName("addCancel")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
        self.fields["place"].setFocus()

    def entry(self) -> Entry:
        """Return what was typed."""
        return Entry(**{name: box.text().strip() for name, box in self.fields.items()})
