"""The unmodified Python SDK and an envelope by curl report to the server and are grouped."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.servers import running_server
from support.waiting import until

README = Path(__file__).resolve().parents[2] / "README.md"

PROGRAM = """
import sys, sentry_sdk
sentry_sdk.init(sys.argv[1], release="shop@1.0")

def total(prices):
    return prices[7]

total([int(price) for price in sys.argv[2:]])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def issues(server, words):
    return server.api(f"projects/main/{server.project}/issues/?query={words}")


def test_a_program_with_the_plain_sentry_sdk_is_grouped(server):
    for price in ("1", "2"):
        done = subprocess.run([sys.executable, "-c", PROGRAM, server.dsn, price], capture_output=True, check=False)
        assert done.returncode == 1
    (issue,) = until(lambda: [found for found in issues(server, "IndexError") if found["count"] == "2"])
    assert issue["title"].startswith("IndexError")
    event = server.api(f"issues/{issue['id']}/events/latest/")
    assert event["release"]["version"] == "shop@1.0"


def test_the_envelope_of_the_readme_sent_by_curl_becomes_an_issue(server):
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    key, _, rest = server.dsn.partition("://")[2].partition("@")
    command = next(block for block in blocks if "curl" in block).replace("sentry_key=KEY", f"sentry_key={key}")
    command = command.replace("127.0.0.1:8300/api/1/", f"127.0.0.1:{server.port}/api/{rest.partition('/')[2]}/")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert '"11111111111141118111111111111111"' in done.stdout
    (issue,) = until(lambda: issues(server, "curl"))
    assert (issue["title"], issue["level"]) == ("hello from curl", "info")
