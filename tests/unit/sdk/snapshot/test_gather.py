"""The snapshot: every section declared, each in its own guard and time, nothing private."""

import socket

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import UsageError
from crashdesk.protocol.snapshot import SECTIONS, section
from crashdesk.sdk.snapshot import gather, runtime, system
from crashdesk.sdk.snapshot.gather import Gatherer
from crashdesk.sdk.snapshot.product import Providers


@pytest.fixture
def providers() -> Providers:
    return Providers()


@pytest.fixture
def gatherer(providers: Providers) -> Gatherer:
    return Gatherer(providers, {"app_name": "Product"})


def test_every_section_and_field_is_declared_for_people(gatherer: Gatherer):
    for name, facts in gatherer.all().items():
        declared = section(name)
        assert declared is not None, name
        assert facts.keys() <= declared.fields.keys(), name


def test_every_declared_section_has_its_gatherer(gatherer: Gatherer):
    ours = {name for name, _ in (*gather.STATIC, *gather.LIVE)} | {"app", "qt", "screens", "gui", "distributions"}
    assert ours == {declared.name for declared in SECTIONS}


def test_the_machines_name_is_nowhere(gatherer: Gatherer):
    name = socket.gethostname()
    assert len(name) < 3 or name not in str({key: value for key, value in gatherer.all().items() if key != "culture"})


def test_only_listed_variables_of_the_environment_are_read(gatherer: Gatherer, monkeypatch):
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("SECRET_PLAN", "planted")
    sections = gatherer.all()
    assert sections["environment_variables"]["LANG"] == "de_DE.UTF-8"
    assert "planted" not in str(sections)


def test_distributions_are_named_with_their_versions():
    found = runtime.distributions()
    import importlib.metadata

    assert found["sentry-sdk"] == importlib.metadata.version("sentry-sdk")


def test_a_providers_facts_are_gathered_anew_each_time(gatherer: Gatherer, providers: Providers):
    numbers = iter(range(9))
    providers.add("documents", "How many are open.", lambda: {"open": next(numbers)})
    assert [gatherer.all()["documents"] for _ in range(2)] == [{"open": 0}, {"open": 1}]


def test_a_provider_that_fails_costs_only_its_section(gatherer: Gatherer, providers: Providers, expected_logs):
    expected_logs("snapshot section broken failed")
    providers.add("broken", "Never there.", lambda: 1 / 0)
    providers.add("sound", "Always there.", lambda: {"yes": True})
    assert gatherer.all()["sound"] == {"yes": True}


def test_a_slow_section_is_left_out_from_then_on(gatherer: Gatherer, providers: Providers, monkeypatch):
    frozen = FrozenClock()
    monkeypatch.setattr(gather.clock, "monotonic", frozen.monotonic)
    providers.add("slow", "Takes its time.", lambda: frozen.advance(gather.SECTION_SECONDS * 1.1) or {"n": 1})
    assert "slow" in gatherer.all()
    assert "slow" not in gatherer.all()


def test_when_the_time_is_up_the_rest_is_left_out(gatherer: Gatherer, providers: Providers, monkeypatch):
    frozen = FrozenClock()
    monkeypatch.setattr(gather.clock, "monotonic", frozen.monotonic)
    providers.add("slow", "Takes all the time.", lambda: frozen.advance(gather.BUDGET_SECONDS * 2) or {"n": 1})
    providers.add("late", "Comes too late.", lambda: {"n": 1})
    found = gatherer.all()
    assert "slow" in found
    assert "late" not in found


@pytest.mark.parametrize(("name", "description"), [("Big Name", "x"), ("good", " "), ("", "x")])
def test_a_section_without_a_proper_name_or_description_is_refused(providers: Providers, name: str, description: str):
    with pytest.raises(UsageError):
        providers.add(name, description, dict)


def test_memory_is_unknown_where_the_kernel_does_not_tell(monkeypatch):
    monkeypatch.setattr("builtins.open", lambda *args, **kwargs: (_ for _ in ()).throw(OSError))
    assert system._memory() == (None, None)
