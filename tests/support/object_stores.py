"""A server that speaks S3, in this process, on a port of its own."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlsplit

from moto.server import ThreadedMotoServer

_numbers = count(1)
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def object_server() -> Iterator[str]:
    """Run the server and give its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def new_bucket(address: str) -> str:
    """Make an empty bucket and return its name."""
    name = f"bodies-{next(_numbers)}"
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=10)) as connection:
        connection.request("PUT", f"/{name}")
        assert connection.getresponse().status == 200
    return name
