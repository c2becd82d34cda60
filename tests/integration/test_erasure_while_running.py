"""A person is erased beside a running server: it goes on, and none of its files holds the person afterwards."""

import subprocess

from crashdesk.protocol.envelope import Envelope, Item, new_event_id
from crashdesk.server.intake.blobs.local import LocalBlobs
from support.posting import post, until_stored
from support.servers import running_server, server_command

MAIL = "mirabel.quillfeather@example.org"


def an_event(user):
    event_id = new_event_id()
    body = {"event_id": event_id, "message": f"hello {user}", "user": {"email": user}}
    return Envelope({"event_id": event_id}, [Item.from_json("event", body)])


def texts_of(data):
    for path in data.rglob("*"):
        if path.is_file():
            yield path.read_bytes()
    store = LocalBlobs.open(data / "blobs")
    for pack in store.packs(with_open=True):
        yield from (content for _, content in store.contents(pack.name))


def test_the_collector_lets_its_file_forget_too(tmp_path):
    with running_server(tmp_path) as server:
        for user in (MAIL, "somebody@example.org"):
            post(server, an_event(user))
        until_stored(server, 2)
        assert any(MAIL.encode() in text for text in texts_of(server.data))
        command = server_command("delete", "--person", MAIL, "--yes", "--data", server.data, "--json")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
        assert done.returncode == 0, done.stderr
        assert not any(MAIL.encode() in text for text in texts_of(server.data))
        post(server, an_event("later@example.org"))
        until_stored(server, 3)
