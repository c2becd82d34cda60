"""The process that reads dumps: takes an open file over its socket, answers one line of JSON, and waits for the next.

It has little memory and little time, and nothing of the server: no database, no settings, no data directory.
"""

import json
import os
import resource
import signal
import socket
import sys
from contextlib import closing

from crashdesk.server.processor.dumps.reading import UnreadableDump, facts

MEMORY_BYTES = 512 * 1024 * 1024
SECONDS = 10  # for one dump; whoever asked gives up a little later
FILES = 64


def main(descriptor: int) -> int:
    """Answer until the other end is gone."""
    _limit()
    with closing(socket.socket(fileno=descriptor)) as asked:
        while True:
            _, descriptors, _, _ = socket.recv_fds(asked, 1, 1)
            if not descriptors:
                return 0
            signal.alarm(SECONDS)  # whatever hangs ends with this process
            answer = _answer(descriptors[0])
            signal.alarm(0)
            asked.sendall(answer + b"\n")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        try:
            return json.dumps(facts(file)).encode("ascii")
        except (UnreadableDump, MemoryError):
            return b"null"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
