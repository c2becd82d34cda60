"""The table of extras is the one that pyproject.toml declares."""

import re
import tomllib
from pathlib import Path

import pytest

from crashdesk.cli.extras import EXTRAS, extra_with, install_line, missing_libraries

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_table_names_what_the_extra_brings_on_every_system(extra):
    declared = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["optional-dependencies"][extra]
    everywhere = [re.split(r"[\[<>=~ ]", entry)[0] for entry in declared if ";" not in entry]
    assert sorted(EXTRAS[extra]) == sorted(name for name in everywhere if name != "crashdesk")


def test_a_module_belongs_to_one_extra():
    modules = [module for libraries in EXTRAS.values() for module in libraries.values() if module]
    assert len(set(modules)) == len(modules)
    assert extra_with("PySide6") == "agent"
    assert extra_with("zzz") is None
    assert extra_with("") is None


def test_a_missing_library_is_named_by_its_distribution(monkeypatch):
    monkeypatch.setitem(EXTRAS, "sdk", {"sentry-sdk": "sentry_sdk", "not-there": "not_there", "no-program": ""})
    assert missing_libraries("sdk") == ["not-there", "no-program"]
    assert install_line("sdk") == "pip install 'crashdesk[sdk]'"
