import pytest

from crashdesk.server.events.models import Event
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor import worker
from crashdesk.server.processor.repeats import ONE_EVENT, repeats
from support.events import event
from support.reports import a_row, an_envelope, event_item
from support.rows import a_project, an_event

pytestmark = pytest.mark.django_db
BODY_UNREAD = b"no envelope at all"


def test_a_row_with_nothing_but_an_event_that_is_stored_is_a_repeat():
    stored = an_event(a_project().pk)
    told = {"project_id": stored.project_id, "envelope_id": stored.hex_id}
    again, other = a_row(b"", **told, items=ONE_EVENT, position=7), a_row(b"", **told, items="event=1 attachment=1")
    limited = a_row(b"", **told, items="event=1!key_rate")
    unknown = a_row(b"", **(told | {"envelope_id": "f" * 32}), items=ONE_EVENT)
    of_another_project = a_row(b"", **(told | {"project_id": stored.project_id + 1}), items=ONE_EVENT)
    assert repeats([again, other, limited, unknown, of_another_project]) == {7}


def test_a_repeat_is_counted_and_its_body_is_not_even_read(intake, monkeypatch):
    envelope = an_envelope(event_item(event()))
    intake.add(envelope, items=ONE_EVENT)
    intake.process()
    monkeypatch.setattr(worker, "_prepared", lambda *_: pytest.fail("it was read"))
    intake.add(BODY_UNREAD, items=ONE_EVENT, envelope_id=envelope.event_id)
    intake.process()
    assert Event.objects.count() == 1
    (balance,) = [row for row in outcomes.account([intake.project_id]) if row.category == "error"]
    assert (balance.received, balance.stored, balance.dropped, balance.difference) == (2, 1, {"duplicate": 1}, 0)
