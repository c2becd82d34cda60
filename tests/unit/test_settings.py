"""Settings: the order in which they are read, clear refusal, and a table that is complete."""

import os
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


@pytest.fixture
def forgotten(monkeypatch):
    """Settings of this process as at its start; what flags leave in the environment is forgotten afterwards."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(settings, "_of_process", {})
    monkeypatch.setattr(settings, "_of_file", {})
    monkeypatch.setattr(settings, "_file", None)


def a_file(tmp_path, text: str) -> Path:
    (tmp_path / "server.toml").write_text(text)
    return tmp_path / "server.toml"


def test_the_file_of_the_process_is_read_by_everybody(forgotten, tmp_path):
    file = a_file(tmp_path, 'port = 9002\nquotas = false\nhost = "::1"\n')
    settings.use_file(file)
    assert (settings.value("port"), settings.value("quotas"), settings.value("host")) == (9002, False, "::1")
    assert settings.find("port").source == str(file)


def test_a_value_tells_where_it_comes_from(forgotten, monkeypatch, tmp_path):
    settings.use_file(a_file(tmp_path, "port = 9002\n"))
    assert settings.find("host").source == "default"
    monkeypatch.setenv("CRASHDESK_PORT", "9000")
    assert settings.find("port") == settings.Found(9000, "CRASHDESK_PORT")
    settings.use_flag("port", "9001")
    assert settings.find("port") == settings.Found(9001, "flag --port")


def test_a_flag_reaches_what_the_process_starts(forgotten, monkeypatch):
    monkeypatch.setenv("CRASHDESK_PORT", "9000")
    settings.use_flag("port", "9001")
    assert settings.child_environment({})["CRASHDESK_PORT"] == "9001"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1\n", r"a setting prot that does not exist: did you mean port\.$"),
        ("xyzzy = 1\n", "crashdesk server settings shows"),
        ("port = [1]\n", "write one value"),
        ("port = \n", r"is not TOML .* such as port = 8300\."),
        ('blobs = "bucket"\n', "blobs in .* is 'bucket', which is not of the form s3://bucket/prefix"),
        ('port = "many"\n', "port in .* is 'many', which is not of the form port"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(forgotten, tmp_path, text, sentence):
    with pytest.raises(UsageError, match=sentence):
        settings.use_file(a_file(tmp_path, text))


def test_without_a_file_there_are_the_other_sources(forgotten, tmp_path):
    settings.use_file(tmp_path / "server.toml")
    assert settings.value("port") == 8300


def test_a_mistaken_secret_is_not_repeated(forgotten, monkeypatch):
    row = settings.Setting("pin", int, None, "number", "A number.", "server", secret=True)
    monkeypatch.setitem(settings._BY_NAME, "pin", row)
    with pytest.raises(UsageError) as refused:
        settings.use_flag("pin", "hunter2")
    assert "hunter2" not in str(refused.value)


def test_limits_are_names_and_numbers(forgotten):
    settings.use_flag("limits", "body_bytes=50000000 connections=4000")
    assert settings.value("limits") == {"body_bytes": 50_000_000, "connections": 4000}
