from crashdesk.protocol import snapshot
from crashdesk.server.triage.snapshot import MAX_FACTS, TITLES, sections


def test_known_sections_come_first_and_packages_last():
    event = {
        "contexts": {"zebra": {"a": 1}, "os": {"name": "Debian"}, "app": {"app_name": "Fieldbook"}},
        "modules": {"PySide6": "6.11.3"},
    }
    assert [section.title for section in sections(event)] == ["Product", "Operating system", "zebra", "Packages"]


def test_our_own_notes_and_empty_sections_are_left_out():
    assert sections({"contexts": {"crashdesk": {"kind": "hang"}, "trace": {"id": "1"}, "gpu": {}}}) == []


def test_a_folded_section_tells_what_it_is_about():
    [section] = sections({"contexts": {"os": {"name": "Debian", "version": "12", "build": "x"}}})
    assert section.summary == "Debian 12"


def facts_of(contexts):
    [section] = sections({"contexts": contexts})
    return [(fact.name, fact.value) for fact in section.facts]


def test_values_are_written_for_people():
    given = {"low_memory": False, "free_memory": 8_123_000_000, "list": [1, 2], "none": None, "type": "device"}
    assert facts_of({"device": given}) == [("low memory", "no"), ("free memory", "8.1 GB"), ("list", "[1,2]")]
    assert facts_of({"process": {"uptime_seconds": 4000, "resident_bytes": 80_000_000}}) == [
        ("uptime seconds", "67 min"),
        ("resident bytes", "80 MB"),
    ]


def test_a_moment_is_written_as_everywhere_on_the_pages():
    given = {"app_start_time": "2026-03-02T13:00:05.123456+01:00", "build_time": "yesterday"}
    assert facts_of({"app": given}) == [
        ("app start time", "2026-03-02 12:00:05 UTC"),
        ("build time", "yesterday"),
    ]


def test_small_objects_take_a_line_each():
    screens = [{"width": 2560, "scale": 1.25}, {"width": 1920, "scale": 1.0}]
    assert facts_of({"screens": {"screens": screens}}) == [
        ("screens", "width 2560 · scale 1.25\nwidth 1920 · scale 1.0")
    ]


def test_a_declared_fact_brings_its_description():
    [section] = sections({"contexts": {"os": {"name": "Debian", "mine": 1}}})
    assert [fact.meaning for fact in section.facts] == ["Name, such as Debian or Windows.", ""]
    assert section.meaning == "The operating system."


def test_every_declared_section_has_a_title():
    assert set(TITLES) == {section.name for section in snapshot.SECTIONS}


def test_a_flood_of_facts_is_bounded():
    assert len(facts_of({"flood": {str(number): "x" for number in range(5000)}})) == MAX_FACTS


def test_odd_contexts_are_no_obstacle():
    assert sections({"contexts": ["text"]}) == []
    assert facts_of({"screens": [{"width": {"a": 1}}]}) == [("1", '{"width":{"a":1}}')]
    assert facts_of({"os": {"version": float("inf"), "name": [[]]}})


def titles_of(contexts):
    return [section.title for section in sections({"contexts": contexts})]


def test_what_runs_another_language_is_not_called_python():
    assert titles_of({"runtime": {"name": "CPython", "version": "3.11"}}) == ["Python"]
    assert titles_of({"runtime": {"name": "Electron", "version": "38"}}) == ["Runtime"]


def test_what_browsers_report_has_a_name():
    assert titles_of({"security_report": {"disposition": "enforce"}}) == ["Broken page policy"]
