"""The content security policy and its companions: on every page, errors included, and obeyed by our own templates."""

import re
from pathlib import Path

import pytest

from crashdesk.server import triage
from crashdesk.server.triage.middleware import shown

TEMPLATES = sorted(Path(triage.__file__).parent.glob("templates/**/*.html"))


@pytest.mark.parametrize("path", ["/issues/", "/help/", "/nothing/", "/issues/NOPE-1/", "/login/", "/logout/"])
def test_every_page_forbids_foreign_and_inline_code(desk, path):
    answer = desk.viewer.get(path)
    policy = answer["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_or_script(path):
    text = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|<style|\son\w+=|hx-on|javascript:|\|safe|autoescape", text)


def test_characters_that_turn_or_hide_text_are_written_out(desk, text):
    assert shown("a\u202eb\x1b[0m\u2066\x85") == "a\\u202eb\\u001b[0m\\u2066\\u0085"
    assert shown("tab\tnew\nline Grüße שלום 👩‍💻") == "tab\tnew\nline Grüße שלום 👩‍💻"
    page = text(desk.viewer.get("/issues/", {"query": "evil\u202etxt.exe"}))
    assert "\u202e" not in page
    assert "evil\\u202etxt.exe" in page


def test_the_length_fits_after_characters_were_written_out(desk):
    answer = desk.viewer.get("/issues/", {"query": "\u202e"})
    assert int(answer["Content-Length"]) == len(answer.content)


def test_a_foreign_host_name_is_refused(desk):
    answer = desk.viewer.get("/issues/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "does not answer to the name" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "evil" not in answer.content.decode()
