"""Read what faulthandler wrote: why, and the Python stack of each thread; pure."""

import re
from dataclasses import dataclass

_FATAL = re.compile(r"^Fatal Python error: (?P<what>.*)$", re.MULTILINE)
_WINDOWS = re.compile(r"^Windows fatal exception: (?P<what>.*)$", re.MULTILINE)
_TIMEOUT = re.compile(r"^Timeout \((?P<after>[\d:.]+)\)!$", re.MULTILINE)
_THREAD = re.compile(
    r"^(?P<current>Current thread|Thread) (?P<id>0x[0-9a-f]+)(?: \[(?P<name>.*)\])? \(most recent call first\):$"
)
_FRAME = re.compile(r'^  File (?P<file>".*"|\?\?\?), line (?P<line>\d+|\?\?\?) in (?P<function>.*)$')

SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}
MOST_THREADS = 64
MOST_FRAMES = 100


@dataclass(frozen=True, slots=True)
class FaultFrame:
    filename: str
    lineno: int | None
    function: str


@dataclass(frozen=True, slots=True)
class FaultThread:
    """One thread's stack, oldest call first, as events write it."""

    ident: str
    is_current: bool
    frames: tuple[FaultFrame, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a fault file tells. `signal` is None for a hang."""

    kind: str
    signal: str | None
    message: str
    threads: tuple[FaultThread, ...]

    @property
    def main_thread(self) -> FaultThread | None:
        """The thread to blame: the one that crashed, or for a hang the last listed, which is the first of all."""
        current = next((thread for thread in self.threads if thread.is_current), None)
        return current or (self.threads[-1] if self.threads else None)


def parse(text: str) -> Fault | None:
    """Return the last fault of the file, or None when it tells of none.

    A crash during a hang counts as the crash; what stood in the file before it is left out.
    """
    for kind, pattern in (("native", _FATAL), ("native", _WINDOWS), ("hang", _TIMEOUT)):
        found = list(pattern.finditer(text))
        if found:
            return _fault(kind, found[-1], text[found[-1].end() :])
    return None


def _fault(kind: str, head: re.Match[str], body: str) -> Fault:
    if kind == "hang":
        return Fault(kind, None, f"No answer for {head['after']}", _threads(body))
    what = head["what"].strip()
    return Fault(kind, SIGNALS.get(what, "Fatal Python error"), what, _threads(body))


def _threads(body: str) -> tuple[FaultThread, ...]:
    threads: list[FaultThread] = []
    frames: list[FaultFrame] = []
    for line in body.splitlines():
        head = _THREAD.match(line)
        if head:
            frames = []
            threads.append(FaultThread(head["id"], head["current"] == "Current thread", ()))
            continue
        frame = _FRAME.match(line)
        if frame and threads:
            frames.insert(0, _frame(frame))
            threads[-1] = FaultThread(threads[-1].ident, threads[-1].is_current, tuple(frames[-MOST_FRAMES:]))
    return tuple(threads[:MOST_THREADS])


def _frame(found: re.Match[str]) -> FaultFrame:
    line = found["line"]
    return FaultFrame(found["file"].strip('"'), int(line) if line.isdigit() else None, found["function"])
