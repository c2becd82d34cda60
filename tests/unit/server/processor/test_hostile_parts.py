"""Whatever a part of a report holds: it is read or refused, and nothing else is raised."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashdesk.protocol.envelope import Item
from crashdesk.protocol.items import ITEM_TYPES
from crashdesk.server.intake.reading import ENVELOPE, MINIDUMP, SECURITY, STORE
from crashdesk.server.processor.dumps.events import with_facts
from crashdesk.server.processor.dumps.forms import event_of as event_of_form
from crashdesk.server.processor.dumps.msgpack import read_all
from crashdesk.server.processor.preparing import prepare
from crashdesk.server.processor.runs import groups_of, run_of
from crashdesk.server.processor.security import event_of
from support.drafts import a_draft
from support.dumps import CONTENT_TYPE, msgpack
from support.reports import a_row, an_envelope

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
)
ARRIVAL = a_draft().arrival


def objects(*names: str):
    """Objects in which some of these names stand for anything."""
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=8), JSON, max_size=6)


@given(st.binary(max_size=60))
def test_packed_bytes_are_read_or_refused(data):
    with suppress(ValueError):
        read_all(data)


@given(
    st.dictionaries(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1) | st.text(max_size=9), min_size=1, max_size=4)
)
@settings(max_examples=40)
def test_packed_bytes_cut_anywhere_are_refused(value):
    packed = msgpack(value)
    for end in range(1, len(packed)):
        with pytest.raises(ValueError):
            read_all(packed[:end])


@given(objects("csp-report", "expect-ct-report", "known-pins", "type", "body"), st.text(max_size=40))
def test_a_browsers_report_is_an_event_or_none(report, content_type):
    event_of(report, content_type)


@given(objects("document-uri", "blocked-uri", "effective-directive", "violated-directive"))
def test_any_csp_report_is_an_event_with_a_title(body):
    assert event_of({"csp-report": body})["logentry"]["formatted"].startswith("Blocked '")


@given(objects("sid", "status", "seq", "errors", "started", "timestamp", "attrs", "did"))
def test_an_update_of_a_run_is_one_or_none(payload):
    run_of(payload, ARRIVAL)


@given(st.lists(objects("started", "exited", "crashed", "errored", "abnormal", "did"), max_size=4) | JSON)
def test_groups_of_runs_are_never_negative(entries):
    groups, left_out = groups_of({"aggregates": entries}, ARRIVAL)
    assert left_out >= 0
    assert all(count >= 0 for group in groups for count in group.counts.values())


@given(
    st.dictionaries(st.sampled_from(["sentry", "sentry__1", "sentry[a]", "sentry[a][b]", "x"]), st.text(max_size=30))
)
def test_fields_of_a_form_are_an_event(fields):
    event, _ = event_of_form(fields, {"__sentry-event": fields.get("x", "").encode()})
    assert isinstance(event, dict)


@given(objects("exception", "contexts", "debug_meta", "level"))
def test_an_event_gains_what_its_dump_tells_whatever_it_holds(event):
    facts = {"os": {"name": "Linux"}, "cpu": "x86", "modules": [], "exception": None}
    assert with_facts(event, facts)["contexts"]["os"] or event.get("contexts")


@given(st.sampled_from([row.name for row in ITEM_TYPES]), JSON | st.binary(max_size=30))
@settings(max_examples=150, deadline=None)
def test_an_item_of_any_type_with_any_payload_is_prepared(name, value):
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    prepared = prepare(a_row(an_envelope(Item({"type": name}, payload)), items=f"{name}=1"))
    assert sum(one.quantity for one in prepared.counted if one.outcome == "received") >= 1


@pytest.mark.parametrize("route", [ENVELOPE, STORE, MINIDUMP, SECURITY])
@given(body=st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_bytes_on_any_route_are_prepared_or_kept_as_they_came(route, body):
    prepared = prepare(a_row(body, route=route, content_type=CONTENT_TYPE, items="event=1"))
    assert prepared.failures or prepared.drafts or prepared.counted
