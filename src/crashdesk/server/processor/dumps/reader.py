"""Asks the child process what a dump tells; a child that hangs, dies or takes too much is ended and replaced."""

import json
import os
import socket
import subprocess
import sys
import threading
from typing import IO, Any

from crashdesk import clock, logs
from crashdesk.server.processor.dumps.child import SECONDS

PATIENCE_SECONDS = SECONDS + 2.0
MOST_ANSWER_BYTES = 4_000_000

_log = logs.logger("processor")


class DumpReader:
    """One child, started when the first dump comes; used by one thread at a time."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def facts(self, file: IO[bytes]) -> dict[str, Any] | None:
        """Return what the dump in `file` tells; None when nothing can be read of it."""
        with self._lock:
            try:
                answer = self._ask(file)
            except (OSError, ValueError) as error:
                _log.warning("A memory dump could not be read: its reader ended (%s)", type(error).__name__)
                self._end()
                return None
        return answer if isinstance(answer, dict) else None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, file: IO[bytes]) -> Any:
        file.flush()
        end_at = clock.monotonic() + self._patience
        asked = self._connected()
        socket.send_fds(asked, [b"?"], [file.fileno()])
        answer = bytearray()
        while not answer.endswith(b"\n"):
            asked.settimeout(max(0.001, end_at - clock.monotonic()))
            piece = asked.recv(65_536)
            answer += piece
            if not piece or len(answer) > MOST_ANSWER_BYTES:
                raise ConnectionError
        return json.loads(answer)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = socket.socketpair()
            with theirs:
                number = theirs.fileno()
                command = [sys.executable, "-m", "crashdesk.server.processor.dumps.child", str(number)]
                self._child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[number],
                    env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},  # and no secret of the server's own
                )
            self._socket = ours
        return self._socket

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


READER = DumpReader()  # one child for a processor; it ends with it
