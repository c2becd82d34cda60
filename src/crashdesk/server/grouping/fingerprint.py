"""From an event to its fingerprint and the explanation of it: the entry point of every version of grouping."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crashdesk.server.grouping.parts import KINDS_OF_PARTS, Part
from crashdesk.server.grouping.reading import mapping
from crashdesk.server.grouping.versions import v1

NEWEST_VERSION = 1
MOST_CLIENT_PARTS = 20
CLIENT_PART_LIMIT = 200
_KEY_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an event is grouped by; `parts` say why, in the order in which they were looked at."""

    version: int
    key: str
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as it is kept in the event's body."""
        return {"version": self.version, "key": self.key, "parts": [list(part) for part in self.parts]}

    @classmethod
    def from_json(cls, value: Any) -> "Fingerprint | None":
        """Read what `to_json` wrote; None for anything else."""
        kept = mapping(value)
        version, key, parts = kept.get("version"), kept.get("key"), kept.get("parts")
        if not isinstance(version, int) or not isinstance(key, str) or not isinstance(parts, list):
            return None
        return cls(version, key, tuple(Part(*part) for part in parts if _is_part(part)))


def _is_part(value: Any) -> bool:
    is_triple = isinstance(value, list) and len(value) == 3 and all(isinstance(text, str) for text in value)
    return is_triple and value[0] in KINDS_OF_PARTS


Rules = Callable[[Mapping[str, Any]], list[Part]]

VERSIONS: dict[int, Rules] = {1: v1.parts}


def group(event: Mapping[str, Any], version: int = NEWEST_VERSION) -> Fingerprint:
    """Return the fingerprint of `event`: the client's own where it sent one, else that of the version's rules."""
    parts = _with_client_parts(event, VERSIONS[version])
    deciding = json.dumps([(part.what, part.value) for part in parts], ensure_ascii=True)
    return Fingerprint(version, hashlib.sha256(deciding.encode("ascii")).hexdigest()[:_KEY_DIGITS], tuple(parts))


def _with_client_parts(event: Mapping[str, Any], rules: Rules) -> list[Part]:
    """Put the rules' parts where the client wrote ``{{ default }}``; without a client's list they are all."""
    found: list[Part] = []
    for entry in _client_parts(event):
        if "".join(entry.split()) == "{{default}}":
            found.extend(rules(event))
        else:
            found.append(Part("client", entry[:CLIENT_PART_LIMIT]))
    return found or rules(event)


def _client_parts(event: Mapping[str, Any]) -> list[str]:
    sent = event.get("fingerprint")
    if not isinstance(sent, list):
        return []
    return [str(entry) for entry in sent[:MOST_CLIENT_PARTS] if isinstance(entry, str | int | float) and str(entry)]
