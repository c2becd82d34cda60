"""What is sent: envelopes as SDKs write them, with fresh ids, cheap to make in any number.

An event's changing part (ids, time, release, user, tags) stands at its beginning and is compressed for each report; the
long rest is compressed once for each site and appended, as one gzip member, which every reader of gzip takes.
"""

import itertools
import json
import random
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

USERS = 5_000
ZIPF = 1.1
ATTACHMENT_SHARE, SESSION_SHARE = 0.05, 0.10
ATTACHMENT_BYTES = (50_000, 300_000)
LEVEL = 9  # as sentry-sdk compresses
_CHANGING = ("event_id", "timestamp", "release", "user", "tags", "level")
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_SDK = {"name": "sentry.python", "version": "2.75.0"}


@dataclass(frozen=True, slots=True)
class Report:
    """One body to send; `event_id` is empty for a session, `attachment_bytes` counts what lies beside the event."""

    body: bytes
    event_id: str = ""
    attachment_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many users and releases there are, and what comes beside plain events."""

    releases: Sequence[str] = tuple(f"shop@1.{minor}.0" for minor in range(8))
    attachment_share: float = ATTACHMENT_SHARE
    session_share: float = SESSION_SHARE
    users: int = USERS


class _Rest:
    """The part of an event that stays, compressed so that anything may come before it."""

    def __init__(self, event: bytes) -> None:
        facts = {name: value for name, value in json.loads(event).items() if name not in _CHANGING}
        self.plain = json.dumps(facts, separators=(",", ":")).encode()[1:]
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.packed = packer.compress(self.plain) + packer.flush()


class Corpus:
    """Envelopes made from captured events; which site crashes follows Zipf's law, everything else is rolled."""

    def __init__(self, events: Sequence[bytes], mixture: Mixture | None = None, *, seed: int = 1) -> None:
        self.mixture = mixture or Mixture()
        self._rests = [_Rest(event) for event in events]
        self._rolls = random.Random(seed)
        weights = (1 / place**ZIPF for place in range(1, len(events) + 1))
        self._cumulative = list(itertools.accumulate(weights))

    def begin(self, seed: int) -> None:
        """Roll from here on as any other corpus of these events with this seed would."""
        self._rolls.seed(seed)

    def reports(self, number: int, now: datetime) -> Iterator[Report]:
        """Yield `number` reports: events, a part of them with an attachment, and sessions among them."""
        for _ in range(number):
            if self._rolls.random() < self.mixture.session_share:
                yield self.session(now)
            else:
                yield self.event(now)

    def event(self, now: datetime, releases: Sequence[str] = ()) -> Report:
        """Return one event that happened `now`, in one of these releases."""
        rolls = self._rolls
        event_id = uuid.UUID(int=rolls.getrandbits(128), version=4).hex
        rest = rolls.choices(self._rests, cum_weights=self._cumulative)[0]
        user = rolls.randrange(self.mixture.users)
        facts = {
            "event_id": event_id,
            "timestamp": _iso(now - timedelta(seconds=rolls.random())),
            "level": "error",
            "release": rolls.choice(releases or self.mixture.releases),
            "user": {"id": str(user), "email": f"user{user}@example.org"},
            "tags": {"shop": f"branch-{user % 40}", "locale": ("de", "en", "fr", "it")[user % 4], "edition": "pro"},
        }
        head = json.dumps(facts, separators=(",", ":")).encode()[:-1] + b","
        attachment = self._attachment() if rolls.random() < self.mixture.attachment_share else b""
        return Report(_envelope(event_id, head, rest, attachment), event_id, len(attachment))

    def session(self, now: datetime) -> Report:
        """Return the end of one run of the program."""
        facts = {
            "sid": str(uuid.UUID(int=self._rolls.getrandbits(128), version=4)),
            "did": str(self._rolls.randrange(self.mixture.users)),
            "init": True,
            "started": _iso(now - timedelta(minutes=5)),
            "timestamp": _iso(now),
            "status": "exited",
            "errors": 0,
            "duration": 300.0,
            "attrs": {"release": self._rolls.choice(self.mixture.releases), "environment": "production"},
        }
        item = json.dumps(facts).encode()
        head = json.dumps({"sent_at": _iso(now), "sdk": _SDK}).encode()
        return Report(_packed(b'%b\n{"type":"session","length":%d}\n%b\n' % (head, len(item), item)))

    def _attachment(self) -> bytes:
        lines = []
        left = self._rolls.randrange(*ATTACHMENT_BYTES)
        while left > 0:
            line = f"{self._rolls.getrandbits(64):x} worker {left % 17}: order {left} was looked at\n"
            left -= len(line)
            lines.append(line)
        return "".join(lines).encode()


def _envelope(event_id: str, head: bytes, rest: _Rest, attachment: bytes) -> bytes:
    headers = json.dumps({"event_id": event_id, "sent_at": _iso(datetime.now(UTC)), "sdk": _SDK}).encode()
    before = b"%b\n" % headers
    if attachment:
        before += b'{"type":"attachment","length":%d,"filename":"app.log"}\n%b\n' % (len(attachment), attachment)
    before += b'{"type":"event","length":%d}\n%b' % (len(head) + len(rest.plain), head)
    return _packed(before, rest)


def _packed(before: bytes, rest: _Rest | None = None) -> bytes:
    """Return one gzip member of `before` and the rest that is compressed already."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(before)
    if rest is None:
        packed += packer.flush()
        checksum, size = zlib.crc32(before), len(before)
    else:
        packed += packer.flush(zlib.Z_FULL_FLUSH) + rest.packed
        checksum, size = zlib.crc32(rest.plain, zlib.crc32(before)), len(before) + len(rest.plain)
    return b"".join((_GZIP_HEAD, packed, checksum.to_bytes(4, "little"), size.to_bytes(4, "little")))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
