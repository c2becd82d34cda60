"""What the menus do that needs a dialog or a helper: import, export, find, add, preferences, feedback."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox

from crashdesk import clock, sdk
from crashdesk.demo.fieldbook.add_dialog import AddDialog
from crashdesk.demo.fieldbook.exporting import Exporter
from crashdesk.demo.fieldbook.find_dialog import FindDialog
from crashdesk.demo.fieldbook.importing import Import
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.preferences import PreferencesDialog
from crashdesk.demo.fieldbook.state import State
from crashdesk.demo.fieldbook.window import MainWindow


class Commands(QObject):
    """The methods behind the menu bar, for one window."""

    def __init__(self, window: MainWindow, library: Library, state: State) -> None:
        super().__init__(window)
        self._window = window
        self._library = library
        self._state = state
        self._exporter = Exporter(library.exports)
        window.entries.add_button.clicked.connect(self.add_entry)

    def new_document(self) -> None:
        """Ask for a title and begin a document."""
        title, is_given = QInputDialog.getText(self._window, self.tr("New document"), self.tr("Title"))
        if is_given and title.strip():
            document = self._library.new(title.strip(), _today())
            self._window.show_new(document)

    def save(self) -> None:
        self._window.save()

    def import_entries(self) -> None:
        """Ask for a CSV file and read it in the background."""
        dialog = QFileDialog(self._window, self.tr("Import entries"), str(self._library.imports), "CSV (*.csv)")
        dialog.setObjectName("importDialog")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)  # the same everywhere, and within reach of the driver
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._import_file)
        _open(dialog)

    def export(self) -> None:
        """Write the open document as a web page in the background."""
        path = self._exporter.begin(self._window.document)
        self._window.tell(self.tr("Writing %1").replace("%1", path.name))

    def find(self) -> None:
        """Search all documents."""
        dialog = FindDialog(self._library, self._window)
        dialog.chosen.connect(self._window.show_match)
        _open(dialog)

    def preferences(self) -> None:
        """Show the preferences."""
        dialog = PreferencesDialog(self._state, self._window)
        dialog.accepted.connect(self._preferences_changed)
        _open(dialog)

    def add_entry(self) -> None:
        """Ask for an entry and put it into the open document."""
        dialog = AddDialog(_today(), self._window)
        dialog.accepted.connect(lambda: self._window.take_entries([dialog.entry()]))
        _open(dialog)

    def focus_filter(self) -> None:
        """Go to the filter of the entries."""
        self._window.show_entries()
        self._window.entries.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_notes(self) -> None:
        self._window.show_notes()

    def show_entries(self) -> None:
        self._window.show_entries()

    def feedback(self) -> None:
        """Open the form that sends a word to the makers."""
        sdk.open_feedback()

    def about(self) -> None:
        text = self.tr("A notebook for nature walks. It is the sample product of Crashdesk and carries real bugs.")
        QMessageBox.about(self._window, self.tr("About Fieldbook"), text)

    def quit(self) -> None:
        self._window.close()

    def close(self) -> None:
        """Finish what goes on in the background and remember the state."""
        self._exporter.close()
        self._state.save(self._library.directory)

    def _import_file(self, name: str) -> None:
        self._window.tell(self.tr("Reading %1…").replace("%1", Path(name).name))
        reading = Import(Path(name), self)
        reading.entries_read.connect(self._window.take_entries)
        reading.finished.connect(reading.deleteLater)
        reading.start()

    def _preferences_changed(self) -> None:
        self._state.save(self._library.directory)
        self._window.notes.set_text_size(self._state.text_size)


def _today() -> str:
    return clock.now().date().isoformat()


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
