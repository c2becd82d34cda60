"""Settings: the order in which they are read, clear refusal, and a table that is complete."""

from pathlib import Path

import pytest

from crashdesk import settings
from crashdesk.errors import UsageError

SOURCES = Path(settings.__file__).parent


def test_a_flag_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("CRASHDESK_PORT", "9000")
    assert settings.value("port", flag=9001) == 9001


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / "crashdesk.toml").write_text("port = 9002\n")
    monkeypatch.setenv("CRASHDESK_PORT", "9000")
    assert settings.value("port", file=tmp_path / "crashdesk.toml") == 9000


def test_the_file_wins_over_the_default(tmp_path):
    (tmp_path / "crashdesk.toml").write_text("port = 9002\n")
    assert settings.value("port", file=tmp_path / "crashdesk.toml") == 9002


def test_quotas_are_lifted_by_the_word_off(monkeypatch):
    monkeypatch.setenv("CRASHDESK_QUOTAS", "off")
    assert settings.value("quotas") is False


def test_nonsense_is_refused_with_the_variable_and_the_way_out(monkeypatch):
    monkeypatch.setenv("CRASHDESK_PORT", "many")
    with pytest.raises(UsageError, match=r"CRASHDESK_PORT is 'many'.*correct or remove it"):
        settings.value("port")


def test_every_setting_has_help_and_a_reader_that_asks_for_it():
    asked = "".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py"))
    for setting in settings.SETTINGS:
        assert setting.help.endswith(".")
        assert f'value("{setting.name}"' in asked, setting.name


def test_a_child_gets_our_environment_with_changes(monkeypatch):
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.setenv("REMOVED", "1")
    child = settings.child_environment({"REMOVED": None, "ADDED": "2"})
    assert (child["KEPT"], child["ADDED"], "REMOVED" in child) == ("1", "2", False)


def test_what_the_process_was_told_wins_over_its_environment(monkeypatch):
    monkeypatch.setattr(settings, "_of_process", {})
    monkeypatch.setenv("CRASHDESK_PORT", "9000")
    settings.use("port", 9003)
    assert (settings.value("port"), settings.value("port", flag=9001)) == (9003, 9001)


def test_only_settings_of_the_table_can_be_told():
    with pytest.raises(KeyError):
        settings.use("prot", 9003)


def test_a_variable_for_a_library_is_seen_by_it(monkeypatch):
    monkeypatch.setenv("READ_BY_A_LIBRARY", "before")
    settings.export("READ_BY_A_LIBRARY", "after")
    assert settings.environment("READ_BY_A_LIBRARY") == "after"
