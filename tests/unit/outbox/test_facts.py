"""Facts: none is read or written under a name that the table does not have."""

import re
from pathlib import Path

import crashdesk
from crashdesk.outbox.facts import FACTS, draft_of_report

ROOT = Path(crashdesk.__file__).parent
SOURCES = [
    path.read_text("utf-8") for part in ("sdk", "agent", "outbox", "demo") for path in (ROOT / part).rglob("*.py")
]


def test_every_fact_has_a_meaning_for_people():
    assert all(meaning.endswith(".") for meaning in FACTS.values())


def test_no_fact_is_named_by_a_text_of_its_own():
    named = [found for source in SOURCES for found in re.findall(r"""fact\(\s*(f?["'][^"']*)""", source)]
    assert named == []


def test_each_report_has_a_draft_of_its_own():
    assert draft_of_report(7) != draft_of_report(8)
    assert "draft:NUMBER" in FACTS
