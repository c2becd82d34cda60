"""What decides about an event's group, one thing after the other, and how it is told to people."""

from typing import NamedTuple

# what a part may be, and how a sentence about it begins
KINDS_OF_PARTS: dict[str, str] = {
    "kind": "kind of failure",
    "exception": "type of the exception",
    "frame": "place in the product",
    "library": "place in a library below it",
    "logger": "logger",
    "message": "message without what varies",
    "client": "chosen by the product",
}


class Part(NamedTuple):
    """One thing that decided: what it is, its value, and the value as it stands in the code where that differs."""

    what: str
    value: str
    said: str = ""

    def __str__(self) -> str:
        return f"{KINDS_OF_PARTS[self.what]}: {self.said or self.value}"
