"""What Fieldbook does when nothing goes wrong."""

import csv

import pytest

from crashdesk.demo.fieldbook.entry import Entry, format_distance
from crashdesk.demo.fieldbook.exporting import render_page
from crashdesk.demo.fieldbook.importing import entry_from_row
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.outline import headings_of
from crashdesk.demo.fieldbook.searching import find_everywhere
from crashdesk.demo.fieldbook.state import State


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "notebook")


def test_the_first_start_brings_sample_documents_latest_first(library):
    changed = [document.changed for document in library.documents]
    assert len(changed) == 5
    assert changed == sorted(changed, reverse=True)


def test_a_saved_document_is_read_back_equal(library, tmp_path):
    document = library.new("Marsh at dawn", "2026-08-01")
    document.entries.append(Entry("2026-08-01", "Reeds", "Bittern", "1"))
    library.save(document)
    assert Library(tmp_path / "notebook").by_slug()["marsh-at-dawn"] == document


def test_documents_of_one_title_get_files_of_their_own(library):
    first, second = library.new("Marsh", "2026-08-01"), library.new("Marsh", "2026-08-02")
    assert first.path != second.path


def test_headings_hang_below_the_nearest_lower_level():
    headings = headings_of("# A\n## B\n### C\ntext\n## D")
    assert [(h.title, h.parent, h.line) for h in headings] == [("A", 0, 0), ("B", 1, 1), ("C", 2, 2), ("D", 1, 4)]


@pytest.mark.parametrize(
    ("distance", "unit", "text"), [("3.2", "km", "3.2 km"), ("", "km", "not measured"), ("5", "miles", "3.1 miles")]
)
def test_a_distance_is_written_in_the_unit_of_the_preferences(distance, unit, text):
    assert format_distance(distance, unit) == text


def test_a_well_formed_list_is_read_whole(library):
    with (library.imports / "club-outing.csv").open(encoding="utf-8") as file:
        entries = [entry_from_row(row) for row in csv.DictReader(file)]
    assert [entry.species for entry in entries][:2] == ["Turnstone", "Herring gull"]


def test_a_gap_in_a_phrase_stands_for_a_few_words(library):
    matches = find_everywhere("redshank * jetty", [library.by_slug()["saltmarsh-spring-count"]])
    assert matches == []
    matches = find_everywhere("curlew * flats", library.documents)
    assert [match.line for match in matches] == [6]


def test_a_document_with_weather_is_exported_with_its_markup_escaped(library):
    document = library.by_slug()["upper-valley-walk"]
    document.title = "<b>"
    assert "<h1>&lt;b&gt;</h1>" in render_page(document)


def test_recent_documents_are_few_and_the_last_comes_first(tmp_path):
    state = State()
    for slug in [*"abcdefgh", "c"]:
        state.opened(slug)
    state.save(tmp_path)
    assert State.load(tmp_path).recent == ["c", "h", "g", "f", "e", "d"]
