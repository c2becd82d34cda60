"""Grouping version 1 never changes: recorded events keep the key and the reasons that they had when it was released.

A test that fails here says that stored issues would come apart. Mend the change, never the record; a better idea is
version 2, with a record of its own.
"""

import gzip
import json
import subprocess
import sys

import pytest

from crashdesk.server.grouping.fingerprint import group
from support.samples import SAMPLES

with gzip.open(SAMPLES / "grouping" / "v1.jsonl.gz", "rt", encoding="utf-8") as lines:
    RECORD = [json.loads(line) for line in lines]


def test_no_recorded_event_gets_another_key_or_another_reason():
    changed = []
    for number, row in enumerate(RECORD):
        found = group(row["event"], 1)
        if (found.key, [[part.what, part.value] for part in found.parts]) != (row["key"], row["parts"]):
            changed.append((number, row["parts"], [str(part) for part in found.parts]))
    assert not changed, changed[:5]


def test_the_record_covers_every_kind_of_reason():
    reasons = {what for row in RECORD for what, _ in row["parts"]}
    assert reasons == {"kind", "exception", "frame", "library", "logger", "message", "client"}
    assert len({row["key"] for row in RECORD}) > 150


@pytest.mark.parametrize("gone", ["json", "telnetlib"])
def test_the_keys_do_not_depend_on_the_python_that_the_server_runs_on(gone):
    """A later Python that has lost a module judges the frames of that module as before."""
    code = (
        f"import sys; sys.stdlib_module_names = sys.stdlib_module_names - {{{gone!r}}}\n"
        "from crashdesk.server.grouping.frames import STANDARD_LIBRARY\n"
        f"assert {gone!r} in STANDARD_LIBRARY"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
