"""README and the pages in assets lead where they say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "assets").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_to_something(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    # pictures are made from a finished product, last of all
    missing = [link for link in links if not (page.parent / link).exists() and not link.endswith(".png")]
    assert not missing


def test_the_way_of_a_report_is_found_from_the_readme():
    assert "(assets/the-way-of-a-report.md)" in (ROOT / "README.md").read_text("utf-8")
