"""Noticing imports of the host without a trace in what is imported."""

import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashdesk.sdk.imports import ImportWatch, without


@pytest.fixture
def watch(tmp_path: Path, monkeypatch) -> Iterator[ImportWatch]:
    (tmp_path / "noticed_one.py").write_text("value = 1")
    (tmp_path / "noticed_bad.py").write_text("raise RuntimeError('in the module')")
    monkeypatch.syspath_prepend(str(tmp_path))
    made = ImportWatch()
    made.install()
    yield made
    made.uninstall()
    for name in ("noticed_one", "noticed_bad"):
        sys.modules.pop(name, None)


def test_the_module_is_whole_when_we_are_told(watch: ImportWatch):
    seen = []
    watch.when("noticed_one", lambda module: seen.append(module.value))
    importlib.import_module("noticed_one")
    assert seen == [1]


def test_a_loaded_module_is_told_at_once(watch: ImportWatch):
    importlib.import_module("noticed_one")
    seen = []
    watch.when("noticed_one", seen.append)
    assert seen == [sys.modules["noticed_one"]]


def test_the_loader_of_the_module_is_its_own(watch: ImportWatch):
    watch.when("noticed_one", lambda module: None)
    module = importlib.import_module("noticed_one")
    assert type(module.__spec__.loader).__module__ == "_frozen_importlib_external"
    assert module.__loader__ is module.__spec__.loader


def test_looking_for_a_module_imports_nothing(watch: ImportWatch):
    seen = []
    watch.when("noticed_one", seen.append)
    spec = importlib.util.find_spec("noticed_one")
    assert spec is not None
    assert spec.loader.get_filename("noticed_one").endswith("noticed_one.py")
    assert seen == []


def test_a_module_that_fails_is_not_told(watch: ImportWatch):
    seen = []
    watch.when("noticed_bad", seen.append)
    with pytest.raises(RuntimeError, match="in the module"):
        importlib.import_module("noticed_bad")
    assert seen == []


def test_a_missing_module_stays_missing(watch: ImportWatch):
    watch.when("noticed_nowhere", lambda module: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("noticed_nowhere")


def test_a_listener_that_fails_does_not_fail_the_import(watch: ImportWatch, expected_logs):
    expected_logs("attaching to noticed_one failed")
    watch.when("noticed_one", lambda module: 1 / 0)
    assert importlib.import_module("noticed_one").value == 1


def test_after_uninstall_nothing_is_told(watch: ImportWatch):
    seen = []
    watch.when("noticed_one", seen.append)
    watch.uninstall()
    importlib.import_module("noticed_one")
    assert seen == []
    assert watch not in sys.meta_path


def test_a_package_the_host_did_not_import_can_be_left_out_for_a_while(watch: ImportWatch):
    with without("noticed_one"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("noticed_one")
    assert importlib.import_module("noticed_one").value == 1


def test_a_package_the_host_has_imported_is_still_found(watch: ImportWatch):
    importlib.import_module("noticed_one")
    with without("noticed_one"):
        assert importlib.import_module("noticed_one").value == 1


def test_other_threads_find_it_all_the_while(watch: ImportWatch):
    found = []
    with without("noticed_one"):
        other = threading.Thread(target=lambda: found.append(importlib.import_module("noticed_one").value))
        other.start()
        other.join()
    assert found == [1]
