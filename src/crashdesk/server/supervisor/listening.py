"""The sockets of the server: bound once by the supervisor and inherited, so that they outlive a part that falls.

Who connects while the collector is being started again waits in the backlog instead of being refused.
"""

import errno
import socket

from crashdesk.errors import CrashdeskError, UsageError

BACKLOG = 1024
_ADVICE = {
    errno.EADDRINUSE: "another program listens there: stop it, or choose another one with --port",
    errno.EACCES: "only root may listen on ports below 1024: choose a higher one with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address: choose another one with --host",
}


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on `host` and `port`; raises CrashdeskError with what to do when that cannot be."""
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port: choose one from 1 to 65535 with --port.")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise UsageError(f"{host!r} is no address of this machine: choose another one with --host.") from error
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, error.strerror)
        raise CrashdeskError(f"The server cannot listen on {host} port {port}: {advice}.") from error


def loopback() -> socket.socket:
    """Return a listening socket that only this machine reaches, on a port of the system's choice."""
    return listen("127.0.0.1", 0)


def address_of(listener: socket.socket) -> str:
    """Return the address to print: where a person on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{reachable}:{port}"
