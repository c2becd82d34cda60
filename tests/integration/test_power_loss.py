"""The power fails at any moment under load: what was answered 2xx is there afterwards, whole and once.

A real server is recorded, then its disk is rebuilt as it may have been at a rolled moment: what was not yet synced is
gone, torn, scattered or there (``support.power``). The server's own code starts on each of these states.
"""

import os
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from crashdesk.server.installation import Installation
from support import recording
from support.power import Disk
from support.recorded import Recorded, record, waking
from support.sent import wrong
from support.servers import server_away

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, is_long: bool) -> Recorded:
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    return record(tmp_path_factory.mktemp("recorded"), SEED, 600 if is_long else 120)


def faults_after(recorded: Recorded, disk: Disk, states: int, directory: Path) -> list[str]:
    """Wake up in that many states; return what is wrong in them."""
    roll, faults, befell = random.Random(SEED), [], Counter()
    with waking() as process:
        for number, moment in enumerate(recorded.moments(disk, states, roll)):
            state = directory / f"state-{number}"
            told = disk.write_state(state, moment, roll)
            befell.update(told.values())
            found = process.wake(state)
            if wrongs := wrong(recorded.ledger, found, recorded.acknowledged(moment)):
                faults.append(f"state {number} at {moment} {told}: {len(wrongs)} faults: {'; '.join(wrongs[:4])}")
            shutil.rmtree(state)
    print(f"seed {SEED}: {states} states, what befell their files and folders: {dict(befell)}")
    return faults


@pytest.mark.timeout(1800)
def test_what_was_answered_2xx_survives_the_loss_of_power(recorded, tmp_path, is_long):
    faults = faults_after(recorded, recorded.disk(), 240 if is_long else 20, tmp_path)
    assert not faults, "\n".join(faults)


def test_the_recording_has_every_kind_of_moment(recorded):
    names = Counter(call.name for call in recorded.calls)
    assert names["fsync"] + names["fdatasync"] > 50
    assert names["rename"] + names["unlink"] > 5
    assert any(call.name == "unlink" and call.path(0).endswith(".pack") for call in recorded.calls)
    assert any(call.name == "openat" and "/incoming/" in call.path(1) for call in recorded.calls)
    assert len({call.path(1) for call in recorded.calls if call.name == "openat" and ".pack" in call.path(1)}) > 1
    assert len(recorded.answers) >= len(recorded.ledger.sent)


@pytest.mark.timeout(600)
def test_without_its_syncs_the_server_would_lose_reports(recorded, tmp_path):
    """The method can fail: where syncs do nothing, it finds what is lost."""
    faults = faults_after(recorded, recorded.disk(syncs_count=False), 8, tmp_path)
    assert any("is lost" in fault for fault in faults)


_NEW_ADDRESS = """
import sys
from pathlib import Path
from crashdesk.server.installation import Installation
for number in range(3):
    Installation.read(Path(sys.argv[1])).with_url(f"http://crashes{number}.example.org").write()
    print(f"told {number}", flush=True)
"""


def test_the_facts_of_a_server_are_whole_at_any_moment_and_new_once_told(tmp_path):
    roll = random.Random(SEED)
    with server_away(tmp_path) as server:
        shutil.copytree(server.data, tmp_path / "before")
        told = recording.told(tmp_path / "trace", [sys.executable, "-c", _NEW_ADDRESS, str(server.data)])
        calls, _ = recording.read(tmp_path / "trace", server.data)
        disk = Disk(tmp_path / "before", calls, str(server.data))
        for number, moment in enumerate([*disk.moments(), *disk.syncs(), *told.values()] * 4):
            state = tmp_path / f"state-{number}"
            disk.write_state(state, moment, roll)
            url = Installation.read(state).url
            newest = [text for text, at in told.items() if at <= moment]
            possible = [f"http://crashes{one}.example.org" for one in range(len(newest) - 1, 3)]
            assert url in [*possible, *([] if newest else [server.url])], (SEED, moment, url)
