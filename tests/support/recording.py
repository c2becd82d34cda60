"""Records what a server does to its data directory, system call by system call, with ``strace``.

A recording holds every write, truncation, creation, renaming, removal and sync in the order in which they began and
ended, and every 2xx as it was handed to the network: what had been answered at which moment is known exactly. A call
that changes the directory in a way this module does not know makes `read` fail instead of being overlooked.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.waiting import until

_CALLS = [
    "openat",
    "open",
    "creat",
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "pwritev2",
    "ftruncate",
    "truncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mknod",
    "mknodat",
    "fsync",
    "fdatasync",
    "sync",
    "syncfs",
    "sendto",
    "sendmsg",
    "copy_file_range",
    "sendfile",
    "splice",
    "lseek",
    "mmap",
    "io_uring_setup",
]
_ANSWER = re.compile(rb'\{"id":"([0-9a-f]{32})"\}')
_ANSWERED = b"".join(b"\\x%02x" % byte for byte in b'{"id":"')
_DESCRIPTOR = re.compile(rb"(-?\w+)<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?")
_STRING = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Call:
    """One system call that succeeded; `begun` and `ended` are moments, which only grow."""

    begun: int
    ended: int
    name: str
    arguments: tuple[bytes, ...]
    result: int

    def path(self, place: int) -> str:
        """Return the path of an argument: that of a descriptor, or a name below the descriptor before it."""
        found = _DESCRIPTOR.fullmatch(self.arguments[place])
        if found:
            return _text(found[2]).decode()
        name = _text(self.arguments[place].strip(b'"')).decode()
        return name if name.startswith("/") or place == 0 else os.path.normpath(f"{self.path(place - 1)}/{name}")

    def is_deleted(self, place: int = 0) -> bool:
        return self.arguments[place].endswith(b"(deleted)")

    def number(self, place: int) -> int:
        return int(self.arguments[place], 0)

    def data(self) -> bytes:
        """Return what was written, all pieces of it, as far as the system took it."""
        whole = b"".join(_text(found) for found in _STRING.findall(b", ".join(self.arguments[1:])))
        assert len(whole) >= self.result, "the recorder cut a write short"
        return whole[: self.result]


@dataclass(frozen=True)
class Answer:
    """A 2xx that named a report, and the moment at which the server began to send it."""

    moment: int
    envelope_id: str


def under_strace(command: Sequence[str], trace: Path) -> list[str]:
    """Return a command that does the same and is recorded into `trace`; it keeps its own process id."""
    watch = ["-D", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", str(2**26), "-e", "signal=none"]
    return ["strace", *watch, "-e", f"trace={','.join(_CALLS)}", "-o", str(trace), *command]


def told(trace: Path, command: Sequence[str]) -> dict[str, int]:
    """Record a program to its end; return the lines that it printed, each with the moment at which it did."""
    watched = [word for word in under_strace(command, trace) if word != "-D"]
    done = subprocess.run(watched, capture_output=True, text=True, check=True)
    said = {text: b"".join(b"\\x%02x" % byte for byte in text.encode()) for text in done.stdout.splitlines()}
    lines = list(_lines(trace))
    return {text: next(begun for begun, _, line in lines if sought in line) for text, sought in said.items()}


def recorder_of(process: int) -> int:
    """Return the process id of the recorder of a running `process`."""
    found = re.search(r"^TracerPid:\s*(\d+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found, "no recorder watches the server"
    assert found[1] != "0", "no recorder watches the server"
    return int(found[1])


def until_complete(recorder: int) -> None:
    """Wait until the recorder of a server that has ended has written its last line."""
    until(lambda: _has_ended(recorder), 60, "the recorder to end")


def read(trace: Path, data: Path) -> tuple[list[Call], list[Answer]]:
    """Return what happened to `data` in the order in which it ended, and what was answered."""
    below = b"".join(b"\\x%02x" % byte for byte in str(data).encode())
    calls: list[Call] = []
    answers: list[Answer] = []
    for begun, ended, text in _lines(trace):
        if below in text:
            call = _call(begun, ended, text)
            if call.result >= 0:
                calls.append(call)
        elif _ANSWERED in text:
            sent = _call(begun, ended, text)
            answers += [Answer(begun, found.decode()) for found in _ANSWER.findall(sent.data())]
    return calls, answers


def _lines(trace: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield each finished call with the moments of its beginning and end."""
    begun: dict[bytes, tuple[int, bytes]] = {}
    with trace.open("rb") as file:
        for moment, line in enumerate(file):
            process, _, text = line.rstrip(b"\n").partition(b" ")
            text = text.lstrip()
            if text.endswith(b"<unfinished ...>"):
                begun[process] = moment, text.removesuffix(b"<unfinished ...>").rstrip()
            elif text.startswith(b"<... "):
                start, head = begun.pop(process)
                yield start, moment, head + text.partition(b" resumed>")[2]
            elif b"(" in text:
                yield moment, moment, text


def _call(begun: int, ended: int, text: bytes) -> Call:
    name, _, rest = text.partition(b"(")
    arguments, _, result = rest.rpartition(b") ")
    number = re.match(rb"\s*= (-?(?:0x)?[0-9a-f]+)", result)
    if number is None:  # ended by a kill: nobody knows whether it happened, and nobody was told
        return Call(begun, ended, name.decode(), (), -1)
    return Call(begun, ended, name.decode(), tuple(arguments.split(b", ")), int(number[1], 0))


def _text(hexadecimal: bytes) -> bytes:
    return bytes.fromhex(hexadecimal.replace(b"\\x", b"").decode("ascii"))


def _has_ended(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
