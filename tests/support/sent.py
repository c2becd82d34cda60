"""Reports of every kind with a ledger: what was sent, what was acknowledged, and what must be found afterwards."""

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import Feedback
from crashdesk.protocol.session import SessionUpdate
from support.events import event, raised
from support.servers import Server

FAILURES = 20  # issues among which the events are spread: long suites reach the point where bodies are sampled
LARGE_BYTES = 300_000  # above what the collector keeps beside its rows
KINDS = ("small", "small", "small", "files", "large", "words", "words alone", "session")


@dataclass(frozen=True)
class Sent:
    """One report, and what of it must be stored."""

    kind: str
    envelope_id: str
    body: bytes
    event_id: str = ""
    feedback_id: str = ""
    sid: str = ""
    files: Mapping[str, str] = field(default_factory=dict)  # name -> hash of the content


@dataclass
class Ledger:
    """What was sent and what of it was answered 2xx; safe to use from several threads."""

    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, server: Server, report: Sent) -> bool:
        """Post a report once; return whether the server took it."""
        with self.lock:
            self.sent[report.envelope_id] = report
        auth = {"X-Sentry-Auth": Dsn.parse(server.dsn).auth_header("test/1")}
        status, answer = server.post(f"/api/{Dsn.parse(server.dsn).project_id}/envelope/", report.body, auth)
        is_taken = status == 200 and json.loads(answer).get("id") == report.envelope_id
        assert is_taken or not 200 <= status < 300, (status, answer)
        with self.lock:
            self.statuses[status] += 1
            if is_taken:
                self.acknowledged.add(report.envelope_id)
        return is_taken


def new_report(roll: random.Random, kind: str = "") -> Sent:
    """Make up a report; `roll` decides on everything that is not asked for."""
    kind = kind or roll.choice(KINDS)
    envelope_id = UUID(int=roll.getrandbits(128), version=4).hex
    head = {"event_id": envelope_id, "sent_at": datetime.now(UTC).isoformat()}
    files = {f"{place}.bin": roll.randbytes(size) for place, size in enumerate(_sizes(kind, roll))}
    items: list[Item] = []
    words = Feedback("", "")
    if kind not in {"session", "words alone"}:
        items.append(Item.from_json("event", _event(envelope_id, roll)))
    items += [Item.attachment(name, content) for name, content in files.items()]
    if "words" in kind:
        words = Feedback(
            UUID(int=roll.getrandbits(128), version=4).hex if kind == "words" else envelope_id,
            f"it broke {envelope_id}",
            associated_event_id=envelope_id if kind == "words" else None,
        )
        items.append(words.to_item())
    sid = UUID(int=roll.getrandbits(128), version=4).hex if kind == "session" else ""
    if sid:
        items.append(SessionUpdate(sid, started=datetime.now(UTC), init=True, attrs={"release": "host@1"}).to_item())
    return Sent(
        kind,
        envelope_id,
        Envelope(head, items).to_bytes(),
        event_id="" if kind in {"session", "words alone"} else envelope_id,
        feedback_id=words.feedback_id,
        sid=sid,
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )


def _sizes(kind: str, roll: random.Random) -> Iterable[int]:
    if kind == "files":
        return [roll.randrange(1, 40_000) for _ in range(roll.randrange(1, 4))]
    return [roll.randrange(LARGE_BYTES, 2 * LARGE_BYTES)] if kind == "large" else []


def _event(event_id: str, roll: random.Random) -> dict[str, Any]:
    failure = roll.randrange(FAILURES)
    at = datetime.now(UTC).timestamp()
    return event(raised(f"Failure{failure}"), event_id=event_id, timestamp=at, tags={"marker": event_id})


def wrong(ledger: Ledger, found: Mapping[str, Any], acknowledged: Iterable[str] | None = None) -> list[str]:
    """Compare what was found in a server (``support.inventory``) with what was sent; return every fault.

    `acknowledged` stands for the ledger's where a test looks at an earlier moment.
    """
    sure = [ledger.sent[one] for one in (ledger.acknowledged if acknowledged is None else acknowledged)]
    return [
        *_compared("event", {r.event_id for r in sure}, {r.event_id for r in ledger.sent.values()}, found["events"]),
        *_compared(
            "feedback", {r.feedback_id for r in sure}, {r.feedback_id for r in ledger.sent.values()}, found["feedback"]
        ),
        *_compared("session", {r.sid for r in sure}, {r.sid for r in ledger.sent.values()}, found["sessions"]),
        *_compared("file", _files(sure), _files(ledger.sent.values()), map(tuple, found["files"])),
        *found["faults"],
    ]


def _compared(what: str, sure: set[Any], possible: set[Any], found: Iterable[Any]) -> list[str]:
    counted = Counter(found)
    return [
        *(f"{what} {one} was acknowledged and is lost" for one in sorted(sure - counted.keys()) if one),
        *(f"{what} {one} was never sent" for one in sorted(counted.keys() - possible)),
        *(f"{what} {one} is stored {times} times" for one, times in sorted(counted.items()) if times > 1),
    ]


def _files(reports: Iterable[Sent]) -> set[tuple[str, str, str]]:
    return {(report.event_id, name, digest) for report in reports for name, digest in report.files.items()}
