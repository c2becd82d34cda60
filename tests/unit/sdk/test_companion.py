"""Which command starts the agent."""

import sys
from pathlib import Path

import pytest

from crashdesk.sdk import companion
from crashdesk.sdk.companion import Companion
from crashdesk.sdk.options import Options, checked

DSN = "https://key@host.example/7"


def command(tmp_path: Path, **given: object) -> list[str]:
    options: Options = checked(DSN, **given)
    return Companion(options, tmp_path).command()


def test_off_means_none(tmp_path: Path):
    assert command(tmp_path, agent="off") == []


def test_a_given_command_is_taken(tmp_path: Path):
    assert command(tmp_path, agent=["my-agent", "--quiet"]) == ["my-agent", "--quiet"]


def test_the_agent_beside_an_installed_sdk_is_a_module_of_this_python(tmp_path: Path):
    assert command(tmp_path) == [sys.executable, "-m", "crashdesk", "agent"]


@pytest.mark.parametrize("missing", ["crashdesk.agent", "requests"])
def test_without_the_agents_packages_there_is_none(tmp_path: Path, monkeypatch, missing: str):
    find_spec = companion.importlib.util.find_spec
    monkeypatch.setattr(
        companion.importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name)
    )
    assert command(tmp_path) == []


def test_a_frozen_product_never_starts_itself(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "product"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command(tmp_path) == []


def test_a_frozen_product_finds_the_agent_beside_itself(tmp_path: Path, monkeypatch):
    (tmp_path / "crashdesk-agent").touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "product"))
    assert command(tmp_path) == [str(tmp_path / "crashdesk-agent")]
