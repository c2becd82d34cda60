"""Facts of the snapshot by which people search and which may be unusual: system, runtime, toolkit, language."""

from crashdesk.protocol import foreign
from crashdesk.protocol.event import EventView
from crashdesk.protocol.snapshot import SNAPSHOT_VERSION
from crashdesk.server.processor.draft import Draft

NAME = "snapshot"

# tag, section, fields whose texts are joined; without the first there is no tag
FACTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("os", "os", ("name", "version")),
    ("os.name", "os", ("name",)),
    ("runtime", "runtime", ("name", "version")),
    ("runtime.name", "runtime", ("name",)),
    ("frozen", "runtime", ("frozen",)),
    ("browser", "browser", ("name", "version")),
    ("device.arch", "device", ("arch",)),
    ("device.model", "device", ("model",)),
    ("qt", "qt", ("version",)),
    ("qt.binding", "qt", ("binding", "binding_version")),
    ("qt.platform", "qt", ("platform",)),
    ("qt.style", "qt", ("style",)),
    ("desktop", "display_session", ("xdg_current_desktop",)),
    ("screens", "screens", ("count",)),
    ("locale", "culture", ("locale",)),
    ("timezone", "culture", ("timezone",)),
)


def apply(draft: Draft) -> None:
    """Set `facts`; note a snapshot of a newer SDK, of which some facts may not be understood."""
    event = EventView(draft.payload)
    version = foreign.whole(event.context("crashdesk").get("snapshot_version"))
    if version is not None and version > SNAPSHOT_VERSION:
        draft.note(NAME, "newer_than_server", version=version)
    for tag, section, fields in FACTS:
        texts = [foreign.text(event.context(section).get(name)) or "" for name in fields]
        if texts[0]:
            draft.facts.append((tag, " ".join(text for text in texts if text)))
