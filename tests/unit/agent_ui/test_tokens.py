import itertools

import pytest

from crashdesk.agent.ui.tokens import DARK, LIGHT, Colours, css_variables

TEXTS = ("text", "muted", "accent", "red", "amber", "violet", "blue", "green")
GROUNDS = ("ground", "raised")


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
@pytest.mark.parametrize("ground", ["accent", "accent_strong"])
def test_text_on_the_main_button_stands_out(colours: Colours, ground: str) -> None:
    assert contrast(colours.on_accent, getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["sunken", "chosen"])
def test_text_in_hovered_buttons_and_chosen_rows_stands_out(colours: Colours, ground: str) -> None:
    assert contrast(colours.text, getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_control_can_be_seen(colours: Colours, ground: str) -> None:
    assert contrast(colours.outline, getattr(colours, ground)) >= 3


def test_pages_get_the_same_values_under_their_own_names() -> None:
    assert css_variables(LIGHT)["--cd-on-accent"] == LIGHT.on_accent
