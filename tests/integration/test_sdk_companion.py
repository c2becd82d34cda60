"""The agent is woken when a report waits, as nobody's child and never twice at once; a real command stands for it."""

import json
import sys
from pathlib import Path

import pytest

from crashdesk.outbox.location import AGENT_LOCK_FILE, AGENT_LOG_FILE, prepare_directory
from crashdesk.outbox.locks import FileLock
from support.hosts import DSN, Host
from support.waiting import until

AGENT = """
import json, os, pathlib, sys
print("agent speaks", file=sys.stderr)
here = pathlib.Path(__file__).parent
facts = {"arguments": sys.argv[1:], "session": os.getsid(0), "group_leader": os.getppid(),
         "files": sorted(int(name) for name in os.listdir("/proc/self/fd"))}
target = here / f"started-{os.getpid()}.json"
target.with_suffix(".new").write_text(json.dumps(facts))
target.with_suffix(".new").rename(target)
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "agent.py").write_text(AGENT, "utf-8")
    return Host(tmp_path)


def run(host: Host, body: str, **options: object) -> str:
    """Run a host whose agent is the script."""
    begin = (
        f"import crashdesk.sdk as sdk\nsdk.init({DSN!r}, data_dir={str(host.data)!r}, product='Field Book',"
        f" agent={[sys.executable, str(host.directory / 'agent.py')]!r}"
        f"{''.join(f', {name}={value!r}' for name, value in options.items())})\n"
    )
    ended = host.run(body, begin=begin)
    return ended.stdout


def started(host: Host) -> list[dict]:
    return [json.loads(path.read_text()) for path in host.directory.glob("started-*.json")]


def test_a_report_starts_the_agent_with_directory_dsn_and_product(host: Host):
    run(host, "1 / 0")
    facts = until(lambda: started(host), 10)[0]
    assert facts["arguments"] == ["--dsn", DSN, "--data", str(host.data), "--product", "Field Book"]


def test_the_agent_is_nobodys_child_and_inherits_nothing(host: Host):
    said = run(
        host,
        """
        import os
        kept_open = os.open(__file__, os.O_RDONLY)
        os.set_inheritable(kept_open, True)
        sdk.capture_message("x")
        try:
            print(os.wait())
        except ChildProcessError:
            print("no child", os.getsid(0))
        """,
    )
    facts = until(lambda: started(host), 10)[0]
    assert said.startswith("no child")
    assert str(facts["session"]) != said.split()[-1]
    assert [number for number in facts["files"] if number > 2 and number < 20] == [3]  # its own look at the folder


def test_what_the_agent_says_goes_to_a_private_log(host: Host):
    run(host, "sdk.capture_message('x')")
    log = host.data / AGENT_LOG_FILE
    until(lambda: log.exists() and "agent speaks" in log.read_text(), 10)
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_running_agent_is_not_started_again(host: Host):
    lock = FileLock.acquire(prepare_directory(host.data) / AGENT_LOCK_FILE)
    try:
        run(host, "sdk.capture_message('x')")
    finally:
        lock.release()
    assert len(host.reports()) == 1
    assert not (host.data / AGENT_LOG_FILE).exists()


def test_many_reports_start_one_agent(host: Host):
    run(host, "for number in range(20):\n    sdk.capture_message(f'message {number}')")
    until(lambda: started(host), 10)
    assert (host.data / AGENT_LOG_FILE).read_text().count("agent speaks") == 1


def test_nothing_to_report_starts_no_agent(host: Host):
    run(host, "pass")
    assert not (host.data / AGENT_LOG_FILE).exists()


def test_a_report_that_waits_from_an_earlier_run_starts_the_agent(host: Host):
    host.run("sdk.capture_message('earlier')")
    run(host, "pass")
    assert until(lambda: started(host), 10)


def test_a_refusal_starts_no_agent(host: Host):
    run(host, "sdk.capture_message('x')", consent="refused")
    assert not (host.data / AGENT_LOG_FILE).exists()


def test_asking_for_the_feedback_window_leaves_a_notice_and_starts_the_agent(host: Host):
    from crashdesk.outbox.notices import Notices
    from crashdesk.outbox.store import Outbox

    assert run(host, "print(sdk.open_feedback('Draft', kind='idea'))") == "True\n"
    assert until(lambda: started(host), 10)
    outbox = Outbox.open(host.data)
    [notice] = Notices(outbox).take("open_feedback")
    outbox.close()
    assert (notice["message"], notice["kind"], notice["product"]) == ("Draft", "idea", "Field Book")


def test_a_command_that_does_not_exist_harms_nobody(host: Host):
    ended = host.run(
        "sdk.capture_message('x')\nprint('went on')",
        begin=(
            f"import crashdesk.sdk as sdk\nsdk.init({DSN!r}, data_dir={str(host.data)!r}, agent=['/no/such/agent'])\n"
        ),
    )
    assert ended.stdout == "went on\n"
    assert len(host.reports()) == 1


def test_the_restart_command_is_left_for_the_agent(host: Host):
    from crashdesk.outbox.store import Outbox

    host.run("pass", restart_command=["fieldbook", "--restore"])
    outbox = Outbox.open(host.data)
    assert outbox.fact("restart_command") == ["fieldbook", "--restore"]
    outbox.close()
