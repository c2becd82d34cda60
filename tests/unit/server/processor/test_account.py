"""Every item that came is told exactly once: stored, dropped for a reason, or waiting."""

import json
import random
from collections import Counter
from uuid import uuid4

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.protocol.items import ITEM_TYPES, item_type
from crashdesk.server.events.models import Attachment, Event, FailedReport
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.reading import SECURITY, framing
from crashdesk.server.intake.seen import write
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor.preparing import OUTCOMES
from crashdesk.server.projects import queries as projects
from crashdesk.server.projects import services
from support.drafts import RECEIVED_AT
from support.events import event
from support.reports import an_envelope

SHARED_IDS = [uuid4().hex for _ in range(6)]


class Chance:
    """Rolls envelopes: sound and odd items of every type, repeated ids, limits, batches."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def item(self) -> Item:
        name = self._random.choice([row.name for row in ITEM_TYPES] + ["hologram", "event", "session", "attachment"])
        headers = {"type": name, **({"item_count": self._random.choice((3, 50, -1, "x"))} if self._one_in(3) else {})}
        payload = b"nonsense" if self._one_in(6) else json.dumps(self._payload(name)).encode()
        return Item(headers, payload)

    def envelope(self):
        items = [self.item() for _ in range(self._random.randint(0, 6))]
        event_id = self._random.choice(SHARED_IDS) if self._one_in(3) else None
        return an_envelope(*items, event_id=event_id)

    def limits(self) -> dict[str, str]:
        return {"attachment": "key_rate"} if self._one_in(5) else {}

    def is_told_by_the_door(self) -> bool:
        return not self._one_in(4)

    def _payload(self, name):
        if name == "session":
            status = self._random.choice(("ok", "exited", "crashed"))
            return {"sid": self._random.choice(SHARED_IDS), "status": status, "seq": self._random.randint(0, 3)}
        if name == "sessions":
            return {"aggregates": [{"started": 1772454600, "exited": 2}] * self._random.choice((1, 120))}
        if name in {"security", "raw_security"}:
            return {"csp-report": {"blocked-uri": "inline"}}
        return event() if name in {"event", "feedback"} else {"comments": "slow"}

    def _one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0


@pytest.mark.parametrize("seed", range(12))
def test_the_sums_agree_whatever_comes(intake, seed):
    chance = Chance(seed)
    if seed % 2:
        services.keep_items(projects.project_with_slug("fieldbook"), ["log", "transaction", "security"])
    came: Counter[str] = Counter()
    for _ in range(40):
        envelope, told = chance.envelope(), chance.is_told_by_the_door()
        found = framing("envelope", envelope.to_bytes(), "")
        items = write(found.counts, chance.limits()) if told else ""
        for name, count in found.counts.items():
            came[item_type(name).category] += count
        intake.add(envelope, items=items)
        if chance.is_told_by_the_door():
            intake.process()
    intake.process()
    balances = {row.category: row for row in outcomes.account([intake.project_id])}
    assert {name: row.difference for name, row in balances.items() if row.difference} == {}
    assert all(balances[name].received >= count for name, count in came.items())
    assert balances["attachment"].stored == Attachment.objects.count()
    assert balances["error"].stored + balances["security"].stored == Event.objects.count()
    assert balances["feedback"].stored == Feedback.objects.count()
    assert outcomes.totals([intake.project_id]).events_stored == Event.objects.count()


def test_what_fails_as_a_whole_is_told_item_by_item(intake):
    intake.process(b"nonsense", items="event=1 attachment=2 session=3!key_rate")
    balances = {row.category: (row.received, row.dropped) for row in outcomes.account([intake.project_id])}
    assert balances == {
        "attachment": (2, {"not_readable": 2}),
        "error": (1, {"not_readable": 1}),
        "session": (3, {"key_rate": 3}),
    }
    assert FailedReport.objects.count() == 1


def test_what_the_door_refused_came_and_was_dropped(intake):
    hour = int(RECEIVED_AT.replace(minute=0).timestamp())
    refused = [[intake.project_id, hour, "error", "rate_limited", "key_rate", 7]]
    intake.process(json.dumps(refused).encode(), route=OUTCOMES, project_id=0)
    (error,) = outcomes.account([intake.project_id])
    assert (error.category, error.received, error.dropped, error.difference) == ("error", 7, {"key_rate": 7}, 0)


def test_waiting_rows_are_part_of_the_account(intake):
    intake.add(an_envelope(Item.from_json("event", event())), items="event=1")
    (error,) = outcomes.account([intake.project_id], waiting=intake.queue.waiting_items([intake.project_id]))
    assert (error.received, error.waiting, error.difference) == (1, 1, 0)


def test_several_reports_of_a_browser_are_several_items(intake):
    reports = [{"csp-report": {"blocked-uri": "inline"}}, {"odd": 1}, {"type": "network-error"}]
    body = json.dumps(reports).encode()
    intake.process(body, route=SECURITY, items=write(framing(SECURITY, body, "").counts))
    assert {row.difference for row in outcomes.account([intake.project_id])} == {0}
