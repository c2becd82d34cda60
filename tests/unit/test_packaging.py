"""What a product or a server gets when it installs one of Crashdesk's extras, read from the installed distributions."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

import crashdesk

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [ROOT / "installer" / name for name in ("requirements.lock", "requirements-dev.lock")]
MEGABYTE = 1_000_000


def _closure(*extras: str) -> set[str]:
    """Names of all distributions that `crashdesk[extras]` brings on this platform."""
    found: set[str] = set()
    waiting = [("crashdesk", frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        found.add(name)
        for text in metadata.requires(name) or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted | {""}):
                waiting.append((requirement.name.lower(), frozenset(requirement.extras)))
    return found


def _installed_bytes(name: str) -> int:
    if name == "crashdesk":
        files = Path(crashdesk.__file__).parent.rglob("*")
    else:
        files = (Path(str(file.locate())) for file in metadata.files(name) or ())
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc")


def test_a_product_that_embeds_the_sdk_installs_less_than_20_megabytes():
    assert sum(_installed_bytes(name) for name in _closure("sdk")) < 20 * MEGABYTE


def test_the_stack_readers_keep_it_below_45_megabytes():
    assert sum(_installed_bytes(name) for name in _closure("sdk", "native")) < 45 * MEGABYTE


def test_a_server_installs_no_qt():
    assert not {name for name in _closure("server", "postgres") if "pyside" in name or "shiboken" in name}


def test_an_agent_installs_no_django():
    assert "django" not in _closure("agent")


def test_qt_stays_below_the_release_that_corrupts_none():
    requirement = next(
        Requirement(text) for text in metadata.requires("crashdesk") if text.lower().startswith("pyside6")
    )
    assert "6.12.0" not in requirement.specifier
    assert "6.11.3" in requirement.specifier


def test_every_locked_package_carries_hashes_and_no_host():
    for lock in LOCKS:
        blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text("utf-8").strip())
        assert len(blocks) > 40
        assert [block for block in blocks if "--hash=sha256:" not in block or "://" in block] == []


def test_both_locks_name_the_same_versions():
    demo, full = (set(re.findall(r"^([a-z0-9-]+==[^ \n]+)", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS)
    assert demo <= full


def test_the_lock_satisfies_what_the_project_asks_for():
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ \n]+)", LOCKS[1].read_text("utf-8"), re.MULTILINE))
    for text in metadata.requires("crashdesk") or ():
        requirement = Requirement(text)
        name = requirement.name.lower()
        assert name == "crashdesk" or requirement.specifier.contains(locked[name]), text
