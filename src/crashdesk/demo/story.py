"""The story the tour tells where nobody sits at the machine: two runs of Fieldbook, and what the server has of them."""

import signal
from collections import Counter
from collections.abc import Callable

from crashdesk import clock
from crashdesk.demo.checks import Finding, counts, findings, is_feedback_there
from crashdesk.demo.embedded_server import Server
from crashdesk.demo.fieldbook.bugs import BUGS
from crashdesk.demo.processes import Performance, Stage

FIRST_RUN = (
    "filtered_row",
    "malformed_import",
    "miles_preference",
    "lost_export",
    "slow_search",
    "feedback",
    "outline_pointer",
)
SECOND_RUN = ("filtered_row", "quit")
ARRIVAL_SECONDS = 40.0
_TITLES = {bug.name: bug.title for bug in BUGS} | {"feedback": "Help > Send feedback…", "quit": "Closing Fieldbook"}

Say = Callable[[str], None]


def tell(server: Server, stage: Stage, say: Say) -> bool:
    """Play both runs, then look at the server; return whether everything was seen there."""
    before = counts(server)
    say("Fieldbook opens for the first time:")
    is_whole = _play(stage, FIRST_RUN, -signal.SIGSEGV, say)
    say("  … and Fieldbook was gone: a native crash. Its report is made at the next start.\n")
    say("Fieldbook opens again, and the first bug is met a second time:")
    is_whole &= _play(stage, SECOND_RUN, 0, say)
    say("\nA few words were written in each of Crashdesk's windows and sent. The server has:")
    found, is_feedback = _await_all(server, before + Counter(FIRST_RUN) + Counter(SECOND_RUN))
    for finding in found:
        _say_finding(finding, server.url, say)
    say(f"  {'The feedback' if is_feedback else 'NOT SEEN: the feedback'}\n    {server.url}/feedback/")
    return is_whole and is_feedback and not any(finding.missing for finding in found)


def _play(stage: Stage, steps: tuple[str, ...], status: int, say: Say) -> bool:
    """Say each step as it is done; the last one ends Fieldbook with `status`."""
    performance = Performance(stage, steps)
    done = []
    for step in performance:
        done.append(step)
        say(f"  {_TITLES[step]}")
    if performance.status == status:
        done.append(steps[-1])
        say(f"  {_TITLES[steps[-1]]}")
    missing = [_TITLES[step] for step in steps if step not in done]
    if missing:
        say(f"  NOT DONE: {'; '.join(missing)} (Fieldbook ended with {performance.status}, see {stage.log})")
    return not missing


def _await_all(server: Server, expected: Counter[str]) -> tuple[list[Finding], bool]:
    """Look until everything is there, for a while."""
    deadline = clock.monotonic() + ARRIVAL_SECONDS
    while True:
        found, is_feedback = findings(server, expected), is_feedback_there(server)
        is_complete = is_feedback and not any(finding.missing for finding in found)
        if is_complete or clock.monotonic() > deadline:
            return found, is_feedback
        clock.sleep(0.3)


def _say_finding(finding: Finding, url: str, say: Say) -> None:
    bug = finding.bug
    say(f"  {bug.title}: {bug.exception_type} in {bug.function}")
    if finding.issue:
        say(f"    {url}/issues/{finding.issue['shortId']}/  {finding.facts}")
    if not finding.missing:
        say(f"    with stack, snapshot, steps and the words “{bug.words}”")
    for missing in finding.missing:
        say(f"    NOT SEEN: {missing}")
