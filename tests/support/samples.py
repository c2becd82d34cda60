"""Requests recorded from real clients (tests/samples), with their bodies as sent and unpacked."""

import gzip
import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent.parent / "samples"


@dataclass(frozen=True)
class Sample:
    """One recorded request and what the index says about it."""

    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return self.facts["file"].removesuffix(".http")

    @property
    def path(self) -> str:
        return self.facts["path"]

    @property
    def is_envelope(self) -> bool:
        return self.facts["items"] is not None

    @cached_property
    def _parts(self) -> tuple[bytes, bytes]:
        head, _, body = (SAMPLES / self.facts["file"]).read_bytes().partition(b"\r\n\r\n")
        return head, body

    @property
    def headers(self) -> dict[str, str]:
        lines = self._parts[0].decode().split("\r\n")[1:]
        return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def body(self) -> bytes:
        """The body as it was sent."""
        return self._parts[1]

    @property
    def unpacked(self) -> bytes:
        """The body without its Content-Encoding."""
        encoding = self.facts["content_encoding"]
        if encoding == "gzip":
            return gzip.decompress(self.body)
        if encoding == "deflate":
            return zlib.decompress(self.body)
        if encoding == "br":
            import brotli  # one sample needs it

            return brotli.decompress(self.body)
        return self.body


ALL = [Sample(facts) for facts in json.loads((SAMPLES / "index.json").read_text())]
ENVELOPES = [sample for sample in ALL if sample.is_envelope]
OTHERS = [sample for sample in ALL if not sample.is_envelope]


def sample(beginning: str) -> Sample:
    """Return the sample whose name begins so, such as ``04``."""
    return next(found for found in ALL if found.name.startswith(beginning))
