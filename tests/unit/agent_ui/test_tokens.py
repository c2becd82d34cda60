import itertools
import re
from importlib import resources

import pytest

from crashdesk.agent.ui.tokens import DARK, LIGHT, Colours, css_variables

TEXTS = ("text", "meta", "accent", "red", "amber", "violet", "blue", "green")
GROUNDS = ("ground", "surface")


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(itertools.product(TEXTS, GROUNDS)))
def test_text_stands_out_from_its_ground(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_the_main_button_stands_out(colours: Colours) -> None:
    assert contrast(colours.on_accent, colours.accent_fill) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["raised", "accent_soft"])
def test_text_in_hovered_buttons_and_chosen_rows_stands_out(colours: Colours, ground: str) -> None:
    assert contrast(colours.text, getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_control_can_be_seen(colours: Colours, ground: str) -> None:
    assert contrast(colours.line_strong, getattr(colours, ground)) >= 3


@pytest.mark.parametrize(("colours", "block"), [(LIGHT, 0), (DARK, 1)], ids=["light", "dark"])
def test_windows_and_pages_have_the_same_colours(colours: Colours, block: int) -> None:
    sheet = (resources.files("crashdesk.server") / "static/crashdesk/tokens.css").read_text("utf-8")
    values = dict(re.findall(r"(--cd-[\w-]+):\s*(#[0-9a-f]{6})", sheet.split("prefers-color-scheme: dark")[block]))
    assert css_variables(colours).items() <= values.items()
