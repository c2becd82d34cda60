"""How long the pages take, asked as a signed-in person's browser would, one after the other."""

import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

from benchmarks.load import percentile
from benchmarks.products import Crashdesk
from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD

TIMES = 40
LISTS = {
    "list, first page": "issues/",
    "list, 30 days": "issues/?period=30d",
    "list, most users": "issues/?query=&sort=users",
    "list, a release": "issues/?query=release:1.100.0",
    "list, an early release": "issues/?query=release:1.3.0",
    "list, a tag": "issues/?query=shop:branch-7",
    "list, free text": "issues/?query=ledger",
    "list, nothing found": "issues/?query=release:9.9.9+nothing",
}
ISSUES = "issue page"


class Reader:
    """A person's browser, signed in."""

    def __init__(self, product: Crashdesk) -> None:
        self._url = product.server.url
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read("login/"))
        assert token is not None
        fields = {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert "/issues/" in self.read("login/", urllib.parse.urlencode(fields).encode())

    def read(self, path: str, form: bytes | None = None) -> str:
        headers = {"Referer": f"{self._url}/login/"}
        request = urllib.request.Request(f"{self._url}/{path}", form, headers)  # noqa: S310 - our own server
        with self._opener.open(request, timeout=60) as answer:
            return answer.read().decode()

    def seconds(self, path: str) -> float:
        begun = time.perf_counter()
        self.read(path)
        return time.perf_counter() - begun


def page_times(product: Crashdesk) -> Iterator[str]:
    """Yield a line of Markdown for each kind of page: median and p95 in milliseconds, size of the HTML."""
    reader = Reader(product)
    yield "| page | p50 ms | p95 ms | KiB |"
    yield "|---|---|---|---|"
    for name, path in LISTS.items():
        yield _line(name, reader, [path] * TIMES)
    found = dict.fromkeys(
        re.findall(r'href="/(issues/[A-Z0-9_-]+-[0-9]+/)"', reader.read("issues/?sort=events&query="))
    )
    yield _line(ISSUES, reader, list(found)[:TIMES])


def _line(name: str, reader: Reader, paths: list[str]) -> str:
    size = len(reader.read(paths[0]).encode()) / 1024
    times = [reader.seconds(path) * 1e3 for path in paths]
    return f"| {name} | {percentile(times, 0.5):.1f} | {percentile(times, 0.95):.1f} | {size:.0f} |"
