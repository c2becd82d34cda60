"""What Fieldbook remembers besides documents: preferences and the documents opened last."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

RECENT_LIMIT = 6


@dataclass(slots=True)
class State:
    """The file `state.json` as values; unknown names in it are left aside."""

    distance_unit: str = "km"
    text_size: int = 11
    recent: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, directory: Path) -> "State":
        """Read the remembered values; defaults where there are none."""
        path = directory / "state.json"
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return cls(**{name: value for name, value in found.items() if name in cls.__slots__})

    def save(self, directory: Path) -> None:
        (directory / "state.json").write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    def opened(self, slug: str) -> None:
        """Put a document first among the recent ones."""
        self.recent = [slug, *(other for other in self.recent if other != slug)][:RECENT_LIMIT]
