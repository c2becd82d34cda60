"""Reads MessagePack, in which native clients write their event beside a dump: as JSON values, without recursion.

Only what JSON can hold is read; binary becomes text, extensions become nothing. What is cut off or nested too deeply
raises ValueError.
"""

import struct
from typing import Any

MOST_DEPTH = 100
MOST_VALUES = 200_000

_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_TEXTS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}
_LISTS, _MAPS = {0xDC: ">H", 0xDD: ">I"}, {0xDE: ">H", 0xDF: ">I"}
_EXTENSIONS: dict[int, str | int] = {0xC7: ">B", 0xC8: ">H", 0xC9: ">I", 0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def read_all(data: bytes) -> list[Any]:
    """Return the values that stand one after the other in `data`; raises ValueError."""
    reader = _Reader(data)
    found: list[Any] = []
    while not reader.is_at_end:
        found.append(reader.value())
    return found


class _Container:
    """A list or an object that still waits for values."""

    def __init__(self, into: Any, missing: int) -> None:
        self.into = into
        self.missing = missing
        self._key: str | None = None

    def add(self, value: Any) -> None:
        """Put in the next value; in an object every other one is a key."""
        self.missing -= 1
        if isinstance(self.into, list):
            self.into.append(value)
        elif self._key is None:
            self._key = value if isinstance(value, str) else str(value)[:200]
        else:
            self.into[self._key], self._key = value, None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0
        self._values = 0

    @property
    def is_at_end(self) -> bool:
        return self._place >= len(self._data)

    def value(self) -> Any:
        """Return the next value with all that it holds."""
        root = _Container([], 1)
        open_ones = [root]
        while open_ones:
            found = self._next()
            if isinstance(found, _Container):
                open_ones[-1].add(found.into)
                open_ones.append(found)
            else:
                open_ones[-1].add(found)
            while open_ones and open_ones[-1].missing <= 0:
                open_ones.pop()
            if len(open_ones) > MOST_DEPTH:
                raise ValueError("nested too deeply")
        return root.into[0]

    def _next(self) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            raise ValueError("too many values")
        (kind,) = self._take(1)
        if kind < 0x80 or kind >= 0xE0:
            return kind if kind < 0x80 else kind - 0x100
        if kind < 0x90:
            return _Container({}, 2 * (kind & 0x0F))
        if kind < 0xA0:
            return _Container([], kind & 0x0F)
        if kind < 0xC0:
            return self._text(kind & 0x1F)
        return self._long(kind)

    def _long(self, kind: int) -> Any:
        """Read what says its size or its type in further bytes."""
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind in _TEXTS:
            return self._text(self._number(_TEXTS[kind]))
        if kind in _LISTS:
            return _Container([], self._number(_LISTS[kind]))
        if kind in _MAPS:
            return _Container({}, 2 * self._number(_MAPS[kind]))
        if kind in _EXTENSIONS:
            said = _EXTENSIONS[kind]
            self._take(1 + (self._number(said) if isinstance(said, str) else said))
            return None
        raise ValueError("no such type")

    def _number(self, form: str) -> Any:
        (found,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return found

    def _text(self, size: int) -> str:
        return self._take(size).decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._place : self._place + size]
        if len(taken) < size:
            raise ValueError("cut off")
        self._place += size
        return taken
