"""What the tour does in Fieldbook, step by step, in real input; most steps end in the bug of the same name."""

from PySide6.QtCore import Qt

from crashdesk.demo.hand import Action, click, menu, press, row, shown, type_text

STEPS: dict[str, tuple[Action, ...]] = {
    "filtered_row": (
        row("documentList", "Saltmarsh, spring count"),
        *menu("menuView", "actionEntries"),
        type_text("filterBox", "curlew"),
        row("entriesTable", "Curlew"),
        click("removeEntry"),
    ),
    "malformed_import": (
        *menu("menuFile", "actionImport"),
        type_text("fileNameEdit", "neighbours-list.csv"),
        press("fileNameEdit", Qt.Key.Key_Return),
        shown("documentList"),
    ),
    "miles_preference": (
        *menu("menuEdit", "actionPreferences"),
        press("distanceUnit", Qt.Key.Key_Down),
        click("preferencesSave"),
        row("documentList", "Night at the quarry"),
        *menu("menuView", "actionEntries"),
        row("entriesTable", "Buff-tip"),
    ),
    "slow_search": (
        *menu("menuEdit", "actionFind"),
        type_text("findPhrase", "ringed * warbler"),
        click("findButton"),
        press("findPhrase", Qt.Key.Key_Escape),
        shown("documentList"),
    ),
    "lost_export": (
        row("documentList", "Night at the quarry"),
        *menu("menuFile", "actionExport"),
    ),
    "feedback": (*menu("menuHelp", "actionFeedback"),),
    "outline_pointer": (
        row("documentList", "Saltmarsh, spring count"),
        *menu("menuView", "actionNotes"),
        row("outlineTree", "Curlew"),
        click("outlineUp"),
    ),
    "quit": (*menu("menuFile", "actionQuit"),),
}
