import getpass
import platform

from crashdesk.agent.ui.this_computer import sections
from crashdesk.protocol.snapshot import field_description


def test_facts_are_fields_that_the_snapshot_declares(qapp) -> None:
    found = sections()
    assert set(found) == {"os", "device", "culture", "screens"}
    assert all(field_description(name, field) for name, facts in found.items() for field in facts)


def test_no_fact_tells_who_or_which_machine_it_is(qapp) -> None:
    told = {str(value) for facts in sections().values() for value in facts.values()}
    assert not told & {platform.node(), getpass.getuser()}


def test_screens_are_told_by_size_and_scale(qapp) -> None:
    (screen,) = sections()["screens"]["screens"]
    assert (screen["width"], screen["pixel_ratio"]) == (qapp.primaryScreen().size().width(), 1.0)
