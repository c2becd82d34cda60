"""Progress in plain words, running programs, and stopping with one clear sentence."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Stop(Exception):  # noqa: N818  # not an error of the program
    """The set-up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step that may take a while, and say how long it took."""
    say(f"• {what} …")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, **(changes or {})}


def run(command: Sequence[str | Path], changes: Mapping[str, str] | None = None) -> int:
    """Run a program in the checkout with our output, and return its exit status."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment(changes), check=False).returncode


def hand_over(command: Sequence[str | Path]) -> int:
    """Become another program in the checkout, so that Ctrl-C and signals reach it; on Windows wait for its end."""
    arguments = [str(part) for part in command]
    os.chdir(ROOT)
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(arguments[0], arguments)  # noqa: S606  # a list of our own
    return run(arguments)


def run_quietly(
    command: Sequence[str | Path],
    failure: str,
    on_line: Callable[[str], None] | None = None,
    changes: Mapping[str, str] | None = None,
) -> None:
    """Run a program, hand each line of output to `on_line`; stop with `failure` and the last lines if it fails."""
    lines: list[str] = []
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment(changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if on_line:
                on_line(lines[-1])
    if process.returncode:
        tail = "\n".join(f"    {line}" for line in lines[-12:])
        raise Stop(f"{failure}\n  The last lines of {Path(str(command[0])).name} were:\n{tail}")


class Counter:
    """Counts lines that begin a package and shows the count: in place on a terminal, now and then elsewhere."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, line: str) -> None:
        """Take one line of pip's output."""
        if not line.startswith("Collecting "):
            return
        self.seen += 1
        name = line.removeprefix("Collecting ").split("==")[0].split(" ")[0]
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K  {self.seen} {name}\r")
            sys.stderr.flush()
        elif self.seen % 20 == 0:
            say(f"  {self.seen} packages so far")
