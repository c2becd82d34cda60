"""A report is hostile data: none of its fields runs, is followed, breaks a page, or hides what it says."""

import pytest

from support.stored import a_failed_report, a_stored_event, a_stored_file, stored_words

HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7|add:7 }}{% now 'Y' %}\u202ejs.exe"
FRAME = {
    "function": HOSTILE,
    "module": HOSTILE,
    "filename": HOSTILE,
    "lineno": 3,
    "context_line": HOSTILE,
    "pre_context": [HOSTILE],
    "vars": {HOSTILE: HOSTILE},
}
EVENT = {
    "event_id": "f" * 32,
    "timestamp": 1_767_225_600.0,
    "platform": HOSTILE,
    "level": HOSTILE,
    "release": HOSTILE,
    "dist": HOSTILE,
    "environment": HOSTILE[:60],
    "logger": HOSTILE,
    "transaction": HOSTILE,
    "message": HOSTILE,
    "sdk": {"name": HOSTILE, "version": HOSTILE},
    "user": {"id": HOSTILE, "email": HOSTILE},
    "tags": {HOSTILE: HOSTILE},
    "extra": {HOSTILE: {HOSTILE: HOSTILE}},
    "contexts": {HOSTILE[:40]: {HOSTILE: HOSTILE}, "os": {"name": HOSTILE}},
    "modules": {HOSTILE: HOSTILE},
    "breadcrumbs": [{"type": HOSTILE, "category": HOSTILE, "message": HOSTILE, "data": {HOSTILE: HOSTILE}}],
    "exception": {
        "values": [
            {"type": HOSTILE, "value": HOSTILE, "mechanism": {"type": HOSTILE}, "stacktrace": {"frames": [FRAME]}}
        ]
    },
    "threads": [{"name": HOSTILE, "stacktrace": {"frames": [FRAME]}}] * 2,
    "fingerprint": [HOSTILE],
    "_crashdesk": {"notes": [{"rule": HOSTILE, "problem": HOSTILE}]},
}


@pytest.fixture
def pages(desk):
    """Every page on which something of the report stands."""
    issue, stored = a_stored_event(desk.project.pk, EVENT)
    a_stored_file(desk.project.pk, stored.event_id, HOSTILE)
    stored_words(
        desk.project.pk, HOSTILE, issue=issue, event_id=stored.event_id, name=HOSTILE, email=HOSTILE, kind=HOSTILE[:16]
    )
    a_failed_report(desk.project.pk, HOSTILE)
    address = f"/issues/FIELDBOOK-{issue.number}/"
    event = f"{address}events/{stored.event_id.hex}/"
    return ["/issues/?query=", address, f"{address}events/", event, "/feedback/", "/failed/"]


def test_every_field_is_shown_as_text(desk, pages, text):
    for address in pages:
        page = text(desk.developer.get(address))
        assert "<img" not in page, address
        assert "<script>" not in page, address
        assert page.count("<script ") == 2, address  # our own two files
        assert "\u202e" not in page, address
        assert "{{ 7|add:7 }}" in page, address


def test_a_search_and_an_address_are_shown_as_text(desk, text):
    page = text(desk.viewer.get("/issues/", {"query": f"x {HOSTILE}", "project": HOSTILE, "sort": HOSTILE}))
    assert "<img" not in page
    missing = text(desk.viewer.get(f"/issues/{HOSTILE}/"), 404)
    assert "alert" not in missing


def test_a_download_of_a_hostile_report_is_json_and_nothing_else(desk, pages):
    answer = desk.viewer.get(f"{pages[3]}json/")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="{"f" * 32}.json"'
    assert "sandbox" in answer["Content-Security-Policy"]
