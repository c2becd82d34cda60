"""Colours, type and space of the agent's windows: the values of the triage tool's ``tokens.css``, under its names.

A test compares the two. Every pair of a text colour and a ground that is used together has a contrast of at least
4.5:1 in both themes, and every edge of a control at least 3:1; a test computes them.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. The semantic colours are small marks beside words, never the only carrier of meaning."""

    ground: str  # the window
    surface: str  # fields, lists, buttons
    raised: str  # a hovered button
    line: str  # separators, which carry no meaning
    line_strong: str  # the edge of a control
    text: str
    meta: str  # text that stands back
    accent: str  # links, focus, marks
    accent_fill: str  # the main button, selected text
    accent_soft: str  # the chosen row of a list
    on_accent: str
    red: str
    amber: str
    violet: str
    blue: str
    green: str


LIGHT = Colours(
    ground="#f6f6f9",
    surface="#ffffff",
    raised="#f0f0f5",
    line="#dedfe7",
    line_strong="#8b8d9c",
    text="#1b1c22",
    meta="#5a5c69",
    accent="#4d49d0",
    accent_fill="#4d49d0",
    accent_soft="#ececfc",
    on_accent="#ffffff",
    red="#b92525",
    amber="#8a5800",
    violet="#7438b8",
    blue="#1c5fbf",
    green="#1d7444",
)

DARK = Colours(
    ground="#131418",
    surface="#1a1b21",
    raised="#24252d",
    line="#30323c",
    line_strong="#73768a",
    text="#e7e8ee",
    meta="#a4a7b6",
    accent="#aaa8ff",
    accent_fill="#5652d6",
    accent_soft="#26264a",
    on_accent="#ffffff",
    red="#ff8d84",
    amber="#efb65e",
    violet="#cba6ff",
    blue="#8dbaff",
    green="#7ed3a0",
)

META, TABLE, READING, TITLE = 12, 13, 15, 20
"""Sizes of type in logical pixels, at the platform's usual font size."""

STEP = 4
"""Distances are multiples of this many logical pixels."""

FORM_WIDTH = 560
"""A form has one column of at most this width."""


def css_variables(colours: Colours) -> dict[str, str]:
    """Return the theme under the names that style sheets of pages use."""
    return {f"--cd-{field.name.replace('_', '-')}": getattr(colours, field.name) for field in fields(colours)}
