"""Headings of the notes in bold, so that a long text can be scanned."""

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

_HEADING = re.compile(r"#+\s")


class HeadingHighlighter(QSyntaxHighlighter):
    """Writes lines that begin with # in bold."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._bold = QTextCharFormat()
        self._bold.setFontWeight(QFont.Weight.DemiBold)

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        if _HEADING.match(text):
            self.setFormat(0, len(text), self._bold)
