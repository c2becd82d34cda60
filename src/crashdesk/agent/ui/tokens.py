"""Colours, type and space of the agent's windows; the pages of the triage tool carry the same values as ``--cd-…``.

Every pair of a text colour and a ground that is used together has a contrast of at least 4.5:1 in both themes, and
every outline of a control at least 3:1; a test computes them.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. The semantic colours are small marks beside words, never the only carrier of meaning."""

    ground: str  # the window
    raised: str  # fields, lists, buttons
    sunken: str  # a hovered or pressed button
    chosen: str  # the chosen row of a list
    line: str  # separators, which carry no meaning
    outline: str  # the edge of a control
    text: str
    muted: str
    accent: str
    accent_strong: str  # the accent under the pointer
    on_accent: str
    red: str
    amber: str
    violet: str
    blue: str
    green: str


LIGHT = Colours(
    ground="#f7f7f9",
    raised="#ffffff",
    sunken="#ececf1",
    chosen="#e2e3f7",
    line="#dcdde4",
    outline="#878996",
    text="#1b1c22",
    muted="#595b68",
    accent="#4b50c6",
    accent_strong="#3a3fa6",
    on_accent="#ffffff",
    red="#b3261e",
    amber="#8a5300",
    violet="#7a3fb3",
    blue="#1f63b5",
    green="#1d7343",
)

DARK = Colours(
    ground="#1b1c22",
    raised="#25262e",
    sunken="#31323c",
    chosen="#383a5c",
    line="#363843",
    outline="#797b8a",
    text="#ececf1",
    muted="#a9abb8",
    accent="#a3a8ff",
    accent_strong="#bcc0ff",
    on_accent="#16171c",
    red="#ff8f85",
    amber="#f0b45c",
    violet="#d0a8f6",
    blue="#8ab9f8",
    green="#78d19d",
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
