from crashdesk.server.triage.snapshot import MAX_FACTS, sections


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


def test_values_are_written_for_people():
    facts = {"low_memory": False, "free_memory": 8_123_000_000, "list": [1, 2], "none": None, "type": "device"}
    [section] = sections({"contexts": {"device": facts}})
    assert section.facts == [("low memory", "no"), ("free memory", "8.1 GB"), ("list", "[1,2]")]


def test_a_flood_of_facts_is_bounded():
    [section] = sections({"contexts": {"flood": {str(number): "x" for number in range(5000)}}})
    assert len(section.facts) == MAX_FACTS


def test_odd_contexts_are_no_obstacle():
    assert sections({"contexts": ["text"]}) == []
    [section] = sections({"contexts": {"screens": [{"width": 100}]}})
    assert section.facts == [("1", '{"width":100}')]
