import re
from importlib import resources
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

from crashdesk.agent.ui import icons, sentences
from crashdesk.agent.ui.style import style_sheet
from crashdesk.agent.ui.tokens import DARK, LIGHT

NAMES = sorted(
    entry.name.removesuffix(".svg")
    for entry in (resources.files("crashdesk.agent.ui") / "icons").iterdir()
    if entry.name.endswith(".svg")
)


@pytest.mark.parametrize("name", NAMES)
def test_icon_is_a_drawing_that_qt_can_read(name: str) -> None:
    assert QSvgRenderer(QByteArray(icons.source(name).encode())).isValid()


def test_every_kind_of_problem_has_an_icon_and_a_colour() -> None:
    assert {name for name, _colour in sentences.MARKS.values()} <= set(NAMES)
    assert all(hasattr(LIGHT, colour) for _name, colour in sentences.MARKS.values())


def test_icon_is_drawn_at_the_resolution_of_the_screen(qapp) -> None:
    drawn = icons.pixmap("crash", "#b3261e", 24, ratio=2.0)
    assert (drawn.width(), drawn.deviceIndependentSize().width()) == (48, 24)


def test_style_sheet_names_files_and_colours_that_exist() -> None:
    sheet = style_sheet(DARK, 1.0)
    (path,) = re.findall(r"url\((.+?)\)", sheet)
    assert Path(path).exists()
    assert DARK.accent_fill in sheet


def test_larger_ui_font_enlarges_everything() -> None:
    assert "font-size: 15px" in style_sheet(LIGHT, 1.0)
    assert "font-size: 30px" in style_sheet(LIGHT, 2.0)
