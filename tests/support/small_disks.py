"""A disk of a few megabytes that a test fills and frees: a real file system, mounted for the server's processes only.

It lies in a mount namespace of its own, which root may make and, where the system allows user namespaces, everybody
else too. The namespace ends with the process that holds it, and the disk with it.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path

_HOLD = 'mount -t tmpfs -o "size=$1,mode=700" small "$2" && cp -a "$3" "$2" && echo ready && exec cat'
_MAKE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
_ENTER = ["--mount"] if os.geteuid() == 0 else ["--user", "--preserve-credentials", "--mount"]
_BALLAST = "ballast"


@dataclass(frozen=True)
class SmallDisk:
    """A mounted disk; programs run on it with `prefix` before their command, this process sees it below `root`."""

    place: Path
    holder: int

    @property
    def prefix(self) -> list[str]:
        return ["nsenter", f"--target={self.holder}", *_ENTER]

    @property
    def root(self) -> str:
        return f"/proc/{self.holder}/root"

    @property
    def seen(self) -> Path:
        return Path(f"{self.root}{self.place}")

    def free_bytes(self) -> int:
        facts = os.statvfs(self.seen)
        return facts.f_bavail * facts.f_frsize

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all the space but `leave_bytes`."""
        with (self.seen / _BALLAST).open("ab") as ballast:
            while (more := self.free_bytes() - leave_bytes) > 0:
                try:
                    os.posix_fallocate(ballast.fileno(), os.fstat(ballast.fileno()).st_size, more)
                except OSError as error:
                    if error.errno != ENOSPC:  # else somebody was faster
                        raise

    def make_room(self) -> None:
        """Give the space back."""
        with suppress(FileNotFoundError):
            (self.seen / _BALLAST).unlink()


@contextmanager
def small_disk(place: Path, content: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at `place` with a copy of the folder `content` on it."""
    place.mkdir()
    command = [*_MAKE, "sh", "-c", _HOLD, "sh", str(size_bytes), str(place), str(content)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin
        assert holder.stdout
        try:
            said = holder.stdout.readline().strip()
            assert said == "ready", "no small disk can be mounted here: run as root, or allow user namespaces"
            yield SmallDisk(place, holder.pid)
        finally:
            holder.stdin.close()
