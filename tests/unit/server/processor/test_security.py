import json
from typing import Any

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Event, FailedReport
from crashdesk.server.intake.reading import SECURITY
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor.security import event_of
from crashdesk.server.projects import queries as projects
from crashdesk.server.projects import services
from support.reports import an_envelope

PAGE = "https://shop.example/cart?item=7"


def csp(blocked="https://evil.example/x.js?y", **more: Any) -> dict[str, Any]:
    told = {"document-uri": PAGE, "effective-directive": "script-src", "blocked-uri": blocked, **more}
    return {"csp-report": told}


def process(intake, *reports, content_type="application/csp-report", **more):
    body = json.dumps(reports[0] if len(reports) == 1 else list(reports)).encode()
    intake.process(body, route=SECURITY, content_type=content_type, **more)


def account(intake):
    return {row.category: (row.received, row.stored, row.dropped) for row in outcomes.account([intake.project_id])}


def test_a_broken_policy_becomes_an_event_with_page_and_tags(intake):
    process(intake, csp(), items="security=1")
    row = Event.objects.get()
    body = events.body(row)
    assert (row.kind, Issue.objects.get().title) == ("security", "Blocked 'script-src' from 'evil.example'")
    assert body["request"]["url"].startswith("https://shop.example/cart")
    assert dict(body["tags"])["effective-directive"] == "script-src"
    assert dict(body["tags"])["blocked-uri"].startswith("https://evil.example/x.js")
    assert account(intake) == {"security": (1, 1, {})}


def test_issues_are_told_apart_by_directive_and_blocked_host(intake):
    process(intake, csp(), csp("https://evil.example/other.js"), csp("inline"))
    process(intake, csp(**{"effective-directive": "style-src", "document-uri": "https://shop.example/"}))
    assert sorted(Issue.objects.values_list("value", "event_count")) == [
        ("Blocked 'script-src' from 'evil.example'", 2),
        ("Blocked 'script-src' from 'inline'", 1),
        ("Blocked 'style-src' from 'evil.example'", 1),
    ]


def test_the_newer_form_says_the_same():
    body = {"documentURL": PAGE, "effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x.js"}
    event = event_of({"type": "csp-violation", "age": 1, "url": PAGE, "body": body})
    assert event["logentry"]["formatted"] == "Blocked 'script-src-elem' from 'evil.example'"
    assert event["request"]["url"] == PAGE


@pytest.mark.parametrize(
    ("report", "title"),
    [
        ({"expect-ct-report": {"hostname": "a.example"}}, "Expect-CT failed for 'a.example'"),
        ({"expect-staple-report": {"hostname": "a.example"}}, "Expect-Staple failed for 'a.example'"),
        ({"known-pins": ["x"], "hostname": "a.example"}, "Public key pinning failed for 'a.example'"),
        ({"csp-report": {"violated-directive": "img-src 'self'", "blocked-uri": ""}}, "Blocked 'img-src' from 'self'"),
        ({"csp-report": {}}, "Blocked 'unknown directive' from 'self'"),
        ({"csp-report": {"blocked-uri": "http://[", "effective-directive": 7}}, "Blocked '7' from 'unknown'"),
        ({"csp-report": {"blocked-uri": "chrome-extension://abc/x"}}, "Blocked 'unknown directive' from 'abc'"),
        ({"csp-report": {"blocked-uri": "data:text/html"}}, "Blocked 'unknown directive' from 'data:'"),
    ],
)
def test_every_form_has_its_words(report, title):
    assert event_of(report)["logentry"]["formatted"] == title


def test_release_and_environment_of_the_address_are_taken(intake):
    process(intake, csp(), content_type="application/csp-report; sentry_release=a%401; sentry_environment=live")
    row = Event.objects.get()
    assert (row.release, row.environment) == ("a@1", "live")


def test_an_object_of_no_known_form_is_kept_as_it_came(intake):
    process(intake, {"hello": 1}, items="security=1")
    assert FailedReport.objects.get().seen == "security=1"
    assert account(intake) == {"security": (1, 0, {"not_readable": 1})}


def test_network_errors_are_only_counted(intake):
    process(intake, csp(), {"type": "network-error", "body": {}}, items="security=1 nel=1")
    assert account(intake) == {"security": (1, 1, {}), "error": (1, 0, {"not_kept": 1})}


def test_a_project_may_choose_to_keep_none(intake):
    project = projects.project_with_slug("fieldbook")
    services.keep_items(project, ["log"])
    process(intake, csp(), items="security=1")
    assert (Event.objects.count(), account(intake)) == (0, {"security": (1, 0, {"not_kept": 1})})


def test_an_envelope_may_carry_one_and_its_repeat_is_a_duplicate(intake):
    envelope = an_envelope(Item.from_json("raw_security", csp()))
    intake.process(envelope)
    intake.process(envelope)
    assert Issue.objects.get().event_count == 1
    assert account(intake) == {"security": (2, 1, {"duplicate": 1})}
