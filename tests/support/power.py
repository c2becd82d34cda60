"""What a disk may hold after the power failed: states of a data directory, rebuilt from a recording of its calls.

What is on disk for sure is what POSIX promises: the content of a file as of its last finished sync, and the names in a
folder as of the folder's own last finished sync. Whatever came later may be there, in part, torn or not at all, and
each file and folder may be caught at another moment than its neighbours. Chance, with a printed seed, decides.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path

from support.recording import Call

SECTOR, PAGE = 512, 4096
_IGNORED = {"lseek", "open", "openat", "mmap"}  # beyond what `Disk` takes from them
_SHARED_MEMORY = "-shm"  # SQLite's index of the log: made anew at each start, never synced, garbage after a power loss


class NotUnderstood(AssertionError):  # noqa: N818 - the recording holds what this model does not know
    """The recorded program changed its directory in a way that has to be added here."""


Change = Callable[[bytearray], None]


@dataclass
class Step:
    """A change of a file (`apply`) or of names in a folder (`names`), and when it took place."""

    begun: int
    ended: int
    apply: Change | None = None
    names: "dict[str, Node | None]" = field(default_factory=dict)
    place: tuple[int, bytes] | None = None  # of a write: offset and data


@dataclass
class Node:
    """A file or folder: what it held when the recording began, its changes since, and its finished syncs."""

    content: bytes = b""
    entries: "dict[str, Node] | None" = None
    steps: list[Step] = field(default_factory=list)
    syncs: list[tuple[int, int]] = field(default_factory=list)
    live_size: int = 0
    position: int = 0
    appends: bool = False

    def split(self, moment: int) -> tuple[list[Step], list[Step]]:
        """Return the changes that are on disk for sure at `moment`, and those that may be."""
        synced_from = max((begun for begun, ended in self.syncs if ended <= moment), default=-1)
        safe = [step for step in self.steps if step.ended < synced_from]
        return safe, [step for step in self.steps if step.ended >= synced_from and step.begun <= moment]


class Fate(Enum):
    """What becomes of the changes of one file or folder that were not yet synced."""

    GONE = auto()  # all
    KEPT = auto()  # all are there
    CUT = auto()  # the first ones are there, the next one perhaps in part
    SCATTERED = auto()  # any of them, in pieces of a page
    HOLLOW = auto()  # the file has grown, its new part reads as zeros


class Disk:
    """The data directory as the recorded calls changed it."""

    def __init__(self, before: Path, calls: Sequence[Call], root: str, *, syncs_count: bool = True) -> None:
        """`before` is the directory as it was, `root` the path under which it was recorded.

        Without `syncs_count` the syncs of the recording are passed over, as if the program had none.
        """
        self._root = root
        self._syncs_count = syncs_count
        self._tree = _loaded(before)
        self._live: dict[str, Node] = dict(_walk("", self._tree))
        for call in calls:
            self._take(call)

    def moments(self) -> list[int]:
        """Return when something changed."""
        return sorted({step.ended for node in self._all() for step in node.steps})

    def syncs(self) -> list[int]:
        """Return when a sync had ended: what it was to make safe may have been used at once."""
        return sorted({ended for node in self._all() for _, ended in node.syncs})

    def write_state(self, target: Path, moment: int, roll: random.Random) -> dict[str, str]:
        """Write a possible state at `moment` to `target`; return what befell each file and folder with open changes."""
        told: dict[str, str] = {}
        mood = roll.choice([[Fate.GONE], [Fate.CUT], [Fate.KEPT, Fate.GONE], [*Fate], [*Fate]])
        self._write(self._tree, target, moment, lambda: (roll.choice(mood), roll), told)
        return told

    def _write(
        self, folder: Node, target: Path, moment: int, fate: Callable[[], tuple[Fate, random.Random]], told: dict
    ) -> None:
        target.mkdir(mode=0o700)
        for name, node in _names_in(folder, moment, *fate(), told).items():
            if node.entries is not None:
                self._write(node, target / name, moment, fate, told)
            elif name.endswith(_SHARED_MEMORY):
                _leave_garbage(target / name, fate()[1])
            else:
                chosen, roll = fate()
                (target / name).write_bytes(_content_of(node, moment, chosen, roll))
                if node.split(moment)[1]:
                    told[name] = chosen.name

    def _all(self) -> Iterator[Node]:
        yield self._tree
        seen = {id(self._tree)}
        waiting = [self._tree]
        while waiting:
            folder = waiting.pop()
            children = [*(folder.entries or {}).values(), *(n for step in folder.steps for n in step.names.values())]
            for node in children:
                if node is not None and id(node) not in seen:
                    seen.add(id(node))
                    waiting.append(node)
                    yield node

    # what each call means

    def _take(self, call: Call) -> None:
        handler = getattr(self, f"_on_{call.name}", None)
        if handler is not None:
            handler(call)
        elif call.name not in _IGNORED:
            raise NotUnderstood(f"{call.name} changed {call.arguments[:2]}")

    def _on_openat(self, call: Call) -> None:
        self._open(call, call.path(1), call.arguments[2])

    def _on_open(self, call: Call) -> None:
        self._open(call, call.path(0), call.arguments[1])

    def _open(self, call: Call, path: str, flags: bytes) -> None:
        if b"O_TMPFILE" in flags:
            raise NotUnderstood(f"a file without a name in {path}")
        node = self._find(path)
        if node is None and b"O_CREAT" in flags:
            node = Node()
            self._name(call, {path: node})
        if node is None or node.entries is not None:
            return
        node.position, node.appends = 0, b"O_APPEND" in flags
        if b"O_TRUNC" in flags and node.live_size:
            self._resize(call, node, 0)

    def _on_mmap(self, call: Call) -> None:
        is_shared = b"PROT_WRITE" in call.arguments[2] and b"MAP_SHARED" in call.arguments[3]
        if is_shared and not call.path(4).endswith(_SHARED_MEMORY):
            raise NotUnderstood(f"{call.path(4)} is written through memory")

    def _on_lseek(self, call: Call) -> None:
        node = self._opened(call)
        if node is not None:
            node.position = call.result

    def _on_write(self, call: Call) -> None:
        node = self._opened(call)
        if node is not None:
            offset = node.live_size if node.appends else node.position
            self._put(call, node, offset, call.data())
            node.position = offset + call.result

    _on_writev = _on_write

    def _on_pwrite64(self, call: Call) -> None:
        node = self._opened(call)
        if node is not None:
            self._put(call, node, call.number(3), call.data())

    def _on_ftruncate(self, call: Call) -> None:
        node = self._opened(call)
        if node is not None:
            self._resize(call, node, call.number(1))

    def _on_fallocate(self, call: Call) -> None:
        node, offset, length = self._opened(call), call.number(2), call.number(3)
        if call.arguments[1] != b"FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE":
            raise NotUnderstood(f"fallocate with {call.arguments[1].decode()}")
        if node is not None:
            self._put(call, node, offset, bytes(min(length, max(0, node.live_size - offset))))

    def _on_fsync(self, call: Call) -> None:
        node = self._find(call.path(0)) if not call.is_deleted() else None
        if node is not None and self._syncs_count:
            node.syncs.append((call.begun, call.ended))

    _on_fdatasync = _on_fsync

    def _on_mkdir(self, call: Call) -> None:
        self._name(call, {call.path(0): Node(entries={})})

    def _on_unlink(self, call: Call) -> None:
        self._name(call, {call.path(0): None})

    _on_rmdir = _on_unlink

    def _on_unlinkat(self, call: Call) -> None:
        self._name(call, {call.path(1): None})

    def _on_rename(self, call: Call) -> None:
        self._move(call, call.path(0), call.path(1))

    def _on_renameat(self, call: Call) -> None:
        self._move(call, call.path(1), call.path(3))

    def _on_renameat2(self, call: Call) -> None:
        if call.arguments[4] not in {b"0", b"RENAME_NOREPLACE"}:
            raise NotUnderstood("an exchange of names")
        self._move(call, call.path(1), call.path(3))

    def _move(self, call: Call, old: str, new: str) -> None:
        node = self._find(old)
        if node is None or node.entries is not None or Path(old).parent != Path(new).parent:
            raise NotUnderstood(f"{old} moved to {new}")
        self._name(call, {new: node, old: None})

    def _name(self, call: Call, names: dict[str, Node | None]) -> None:
        """Note that names of one folder lead to other nodes, all at once."""
        for path, node in names.items():
            if node is None:
                self._live.pop(self._inside(path), None)
            else:
                self._live[self._inside(path)] = node
        parent = self._find(str(Path(next(iter(names))).parent))
        if parent is not None:
            parent.steps.append(
                Step(call.begun, call.ended, names={Path(path).name: node for path, node in names.items()})
            )

    def _put(self, call: Call, node: Node, offset: int, data: bytes) -> None:
        node.live_size = max(node.live_size, offset + len(data))
        node.steps.append(Step(call.begun, call.ended, partial(_overwrite, offset, data), place=(offset, data)))

    def _resize(self, call: Call, node: Node, size: int) -> None:
        node.live_size = size
        node.steps.append(Step(call.begun, call.ended, partial(_cut, size)))

    def _opened(self, call: Call) -> Node | None:
        return None if call.is_deleted() else self._find(call.path(0))

    def _find(self, path: str) -> Node | None:
        return self._live.get(self._inside(path)) if path.startswith(self._root) else None

    def _inside(self, path: str) -> str:
        return path.removeprefix(self._root).strip("/")


def _names_in(folder: Node, moment: int, fate: Fate, roll: random.Random, told: dict) -> dict[str, Node]:
    """Return the names that a folder may have."""
    safe, open_ = folder.split(moment)
    if open_:
        told["/".join(sorted({name for step in open_ for name in step.names})[:4]) or "/"] = fate.name
    names: dict[str, Node | None] = dict(folder.entries or {})
    for step in (*safe, *_chosen(open_, fate, roll)):
        names |= step.names
    return {name: node for name, node in names.items() if node is not None}


def _content_of(node: Node, moment: int, fate: Fate, roll: random.Random) -> bytes:
    content = bytearray(node.content)
    safe, open_ = node.split(moment)
    for step in safe:
        _apply(step, content)
    if fate is Fate.HOLLOW:
        whole = bytearray(content)
        for step in open_:
            _apply(step, whole)
        _cut(len(whole), content)
        return bytes(content)
    chosen = _chosen(open_, fate, roll)
    for step in chosen:
        if fate is Fate.SCATTERED and step.place is not None:
            _scatter(step.place, content, roll)
        else:
            _apply(step, content)
    if fate is Fate.CUT and len(chosen) < len(open_) and (torn := open_[len(chosen)].place) is not None:
        _tear(torn, content, roll)
    return bytes(content)


def _chosen(steps: list[Step], fate: Fate, roll: random.Random) -> list[Step]:
    if fate is Fate.KEPT:
        return steps
    if fate is Fate.CUT:
        return steps[: roll.randrange(len(steps) + 1)]
    return [step for step in steps if roll.random() < 0.6] if fate is Fate.SCATTERED else []


def _tear(place: tuple[int, bytes], content: bytearray, roll: random.Random) -> None:
    """Let the first sectors of a write reach the disk, or its first bytes."""
    offset, data = place
    length = roll.randrange(len(data) + 1)
    _overwrite(offset, data[: length - length % SECTOR if roll.random() < 0.7 else length], content)


def _scatter(place: tuple[int, bytes], content: bytearray, roll: random.Random) -> None:
    """Let any pages of a write reach the disk."""
    offset, data = place
    for start in range(0, len(data), PAGE):
        if roll.random() < 0.6:
            _overwrite(offset + start, data[start : start + PAGE], content)


def _apply(step: Step, content: bytearray) -> None:
    if step.apply is not None:
        step.apply(content)


def _overwrite(offset: int, data: bytes, content: bytearray) -> None:
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _cut(size: int, content: bytearray) -> None:
    if size > len(content):
        content.extend(bytes(size - len(content)))
    del content[size:]


def _leave_garbage(path: Path, roll: random.Random) -> None:
    if roll.random() < 0.5:
        path.write_bytes(roll.randbytes(32768))


def _loaded(path: Path) -> Node:
    if path.is_dir():
        return Node(entries={child.name: _loaded(child) for child in sorted(path.iterdir())})
    content = path.read_bytes()
    return Node(content, live_size=len(content))


def _walk(name: str, node: Node) -> Iterator[tuple[str, Node]]:
    yield name, node
    for child, inner in (node.entries or {}).items():
        yield from _walk(f"{name}/{child}".strip("/"), inner)
