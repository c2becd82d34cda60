import json

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Attachment, Event, FailedReport
from crashdesk.server.intake.reading import MINIDUMP
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from support.dumps import CONTENT_TYPE, IDENTITY, a_dump, a_form
from support.events import event
from support.reports import an_envelope, event_item
from support.samples import sample

OWN = "a" * 32


def process(intake, body, content_type=CONTENT_TYPE, **more):
    intake.process(body, route=MINIDUMP, content_type=content_type, **{"envelope_id": OWN, **more})


def stored(intake):
    row = events.event([intake.project_id], OWN)
    return row, events.body(row)


def test_a_dump_becomes_a_fatal_native_event(intake):
    fields = {"sentry": json.dumps({"release": "a@1", "environment": "beta"}), "plugins": "on"}
    process(
        intake, a_form(fields, {"upload_file_minidump": a_dump(), "app.log": b"a line"}), items="event=1 attachment=2"
    )
    row, body = stored(intake)
    assert (row.kind, row.level, row.release, body["platform"]) == ("native", "fatal", "a@1", "native")
    exception = body["exception"]["values"][0]
    assert (exception["type"], exception["mechanism"]["handled"]) == ("EXCEPTION_ACCESS_VIOLATION_READ", False)
    assert exception["stacktrace"]["frames"][0]["function"] == "fieldbook.exe+0x1234"
    assert (body["contexts"]["os"]["name"], body["contexts"]["device"]["arch"]) == ("Windows", "x86_64")
    assert body["extra"] == {"plugins": "on"}


def test_dump_and_files_are_attachments(intake):
    process(intake, a_form({}, {"upload_file_minidump": a_dump(), "app.log": b"a line"}), items="event=1 attachment=2")
    dump, log = events.attachments_of(intake.project_id, OWN)
    assert (dump.attachment_type, events.content(dump)) == ("event.minidump", a_dump())
    assert (log.name, events.content(log)) == ("app.log", b"a line")
    assert {row.difference for row in outcomes.account([intake.project_id])} == {0}


def test_the_modules_whose_symbols_are_missing_are_noted(intake):
    process(intake, a_form({}, {"upload_file_minidump": a_dump()}))
    _, body = stored(intake)
    assert [entry["debug_id"] for entry in body["_crashdesk"]["missing_symbols"]] == [f"{IDENTITY}-2"]
    assert body["debug_meta"]["images"][0]["code_file"].endswith("fieldbook.exe")


def test_the_same_crash_groups_whatever_the_address_of_its_module(intake):
    first, second = (a_form({}, {"upload_file_minidump": a_dump(information=(0, place))}) for place in (16, 32))
    process(intake, first)
    process(intake, second, envelope_id="b" * 32)
    assert Issue.objects.get().event_count == 2


@pytest.mark.parametrize("files", [{"upload_file_minidump": b"no dump"}, {"upload_file_minidump": b""}, {}])
def test_a_dump_that_cannot_be_read_is_a_crash_all_the_same(intake, files):
    process(intake, a_form({"sentry[release]": "a@1"}, files))
    row, body = stored(intake)
    assert (row.kind, row.release) == ("native", "a@1")
    assert body["exception"]["values"][0]["value"] == "minidump could not be read"
    assert Attachment.objects.count() == len(files)


@pytest.mark.parametrize("odd", [b"", b"nonsense", a_form({"a": "b"})[:-6]])
def test_a_form_that_is_broken_is_kept_as_it_came(intake, odd):
    process(intake, odd, items="event=1")
    report = FailedReport.objects.get()
    assert (report.route, report.content_type, report.seen) == (MINIDUMP, CONTENT_TYPE, "event=1")
    assert [row.dropped for row in outcomes.account([intake.project_id])] == [{"not_readable": 1}]


@pytest.mark.parametrize(("beginning", "release"), [("20", "demo-app@2.4.1"), ("21", "demo-app@2.4.1")])
def test_reports_of_crashpad_are_understood(intake, beginning, release):
    found = sample(beginning)
    content_type = {name.lower(): text for name, text in found.headers.items()}["content-type"]
    process(intake, found.body, content_type, encoding=found.facts["content_encoding"])
    row, body = stored(intake)
    assert (row.release, row.kind, Issue.objects.get().type) == (release, "native", "SIGSEGV")
    assert len(body["debug_meta"]["images"]) > 10


def test_a_dump_in_an_envelope_tells_its_event(intake):
    found = sample("22")
    intake.process(found.body, encoding=found.facts["content_encoding"] or "")
    body = events.body(Event.objects.get())
    assert body["exception"]["values"][0]["type"] == "SIGSEGV"
    assert body["contexts"]["runtime"]["name"] == "Electron"


def test_what_the_client_says_itself_stays(intake):
    dump = Item.attachment("x.dmp", a_dump(), attachment_type="event.minidump")
    intake.process(an_envelope(dump, event_item(event()), event_id=OWN))
    assert stored(intake)[1]["exception"]["values"][0]["type"] == "KeyError"


def test_files_over_a_limit_are_passed_over(intake):
    files = {"upload_file_minidump": a_dump(), "app.log": b"a line"}
    process(intake, a_form({}, files), items="event=1 attachment=2!key_rate")
    assert Attachment.objects.count() == 0
    assert stored(intake)[0].kind == "native"
    assert {row.difference for row in outcomes.account([intake.project_id])} == {0}
