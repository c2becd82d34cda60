"""One server in parts: each role a service of its own, on one machine with SQLite, on several with PostgreSQL."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from crashdesk.protocol.dsn import Dsn
from support.intakes import envelope_bytes
from support.servers import Server, free_port, prepared_database, server_away
from support.waiting import until

ROLES = ("collector", "processor", "web")


def a_node(stack: ExitStack, data: Path, database: str, *roles: str) -> Server:
    """Start one node of a server on its own data directory."""
    node = Server(data, free_port(), database=database, roles=roles)
    node.copy_prepared()
    shutil.rmtree(data / "blobs", ignore_errors=True)
    (data / "blobs").symlink_to(data.parent, target_is_directory=True)  # a folder that all machines reach
    stack.callback(node.close)
    node.start(is_awaited=False)
    return node


def send(server: Server, **changes) -> str:
    """Send a report and return its id."""
    dsn, event_id = Dsn.parse(server.dsn), uuid4().hex
    headers = {"X-Sentry-Auth": dsn.auth_header("test/1"), **changes}
    status, body = server.post(f"/api/{dsn.project_id}/envelope/", envelope_bytes(event_id), headers)
    assert (status, event_id in body.decode()) == (200, True)
    return event_id


def stored(server: Server) -> int:
    return int(server.api("installation/stats/")["events_stored"])


def test_nodes_of_one_database_share_the_work_and_see_each_others_reports(tmp_path):
    with ExitStack() as stack:
        database = stack.enter_context(prepared_database())
        first, second = (a_node(stack, tmp_path / name, database, "collector") for name in ("a", "b"))
        for number in range(2):
            a_node(stack, tmp_path / f"processor{number}", database, "processor")
        web = a_node(stack, tmp_path / "web", database, "web")
        for node in (first, second, web):
            node.wait_until_ready()
        sent = [send(node) for node in (first, second) * 5]
        until(lambda: stored(web) == len(sent), 30, "all reports to be stored")
        assert web.api("installation/stats/")["events_received"] == len(sent)
        assert first.get("/issues/")[0] == 404


def test_on_one_machine_the_roles_of_a_file_may_be_services_of_their_own(tmp_path):
    with server_away(tmp_path) as made, ExitStack() as stack:
        services = [Server(made.data, free_port(), made.dsn, made.token, roles=(role,)) for role in ROLES]
        for service in services:
            stack.callback(service.close)
            service.start(is_awaited=False)
        collector, _, web = services
        collector.wait_until_ready()
        web.wait_until_ready()
        send(collector)
        until(lambda: stored(web) == 1, 30, "the report to be stored")


def test_a_role_runs_once_on_a_data_directory(tmp_path):
    with server_away(tmp_path) as made:
        made.roles = ("processor",)
        made.start(is_awaited=False)
        until(lambda: "Crashdesk processes reports" in made.log(), 30, "the part to be ready")
        second = Server(made.data, free_port(), roles=("processor", "web"))
        second.start(is_awaited=False)
        assert second.process.wait(20) == 2
        assert "The processor of a Crashdesk server is already running" in second.log()


def test_a_machine_that_would_keep_bodies_where_no_other_looks_does_not_start(tmp_path):
    with ExitStack() as stack:
        database = stack.enter_context(prepared_database())
        nodes = [Server(tmp_path / name, free_port(), database=database, roles=("processor",)) for name in ("a", "b")]
        for node in nodes:
            node.copy_prepared()
            stack.callback(node.close)
            node.start(is_awaited=False)
            until(lambda node=node: node.process.poll() is not None or "processes reports" in node.log(), 30)
        assert nodes[0].process.poll() is None
        assert nodes[1].process.wait(20) == 2
        assert "The other machines keep bodies in a folder" in nodes[1].log()
