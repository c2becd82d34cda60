import io
import json
import socket
from hashlib import sha256
from pathlib import Path

import pytest

from crashdesk.cli.main import main
from crashdesk.outbox.store import Outbox, State
from crashdesk.protocol.envelope import Envelope

DSN = "http://publickey@127.0.0.1:9/7"
ERROR = {"type": "ValueError", "value": "no such page", "stacktrace": {"frames": [{"function": "open_page"}]}}


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "outbox"


@pytest.fixture
def send(directory, capsys):
    """Run the command; return its status, what it printed, and the report it put in."""

    def run(*arguments):
        status = main(["send", "--dsn", DSN, "--data", str(directory), *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def stored(directory):
    outbox = Outbox.open(directory)
    (listed,) = outbox.reports()
    report = outbox.get(listed.id)
    outbox.close()
    return report, Envelope.parse(report.envelope)


def exception_file(tmp_path, value):
    path = tmp_path / "exception.json"
    path.write_text(json.dumps(value))
    return path


def test_a_message_is_captured_and_may_be_sent(send, directory):
    status, out, _ = send("--message", "the import took 3 hours", "--release", "2.4.0", "--environment", "lab")
    report, envelope = stored(directory)
    event = envelope.items[0].json()
    assert (status, out) == (0, f"captured {report.event_id}\n")
    assert (report.state, report.dsn, report.kind, report.release) == (State.READY, DSN, "message", "2.4.0")
    assert report.title == "the import took 3 hours"
    assert (event["message"], event["level"], event["environment"]) == ("the import took 3 hours", "info", "lab")
    assert envelope.event_id == event["event_id"] == report.event_id


@pytest.mark.parametrize("form", [ERROR, [ERROR], {"values": [ERROR]}])
def test_an_exception_comes_in_each_of_sentrys_forms(send, directory, tmp_path, form):
    assert send("--exception-json", exception_file(tmp_path, form))[0] == 0
    report, envelope = stored(directory)
    event = envelope.items[0].json()
    assert event["exception"] == {"values": [ERROR]}
    assert (event["level"], report.kind, report.title) == ("error", "python", "ValueError: no such page")
    assert report.likeness.startswith("1-")
    assert event["contexts"]["crashdesk"]["likeness"] == report.likeness


def test_an_exception_may_come_from_standard_input(send, directory, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(ERROR)))
    assert send("--exception-json", "-")[0] == 0
    assert stored(directory)[0].title == "ValueError: no such page"


def test_files_go_with_it(send, directory, tmp_path):
    (tmp_path / "log.txt").write_bytes(b"line\n\x00\xff")
    assert send("--message", "see log", "--attach", tmp_path / "log.txt")[0] == 0
    attachment = stored(directory)[1].items[1]
    assert (attachment.type, attachment.payload) == ("attachment", b"line\n\x00\xff")
    assert (attachment.headers["filename"], attachment.headers["content_type"]) == ("log.txt", "text/plain")


def test_a_secret_for_the_withdrawal_stays_here_and_its_digest_travels(send, directory):
    send("--message", "x")
    report, envelope = stored(directory)
    digest = sha256(report.withdrawal_secret.encode()).hexdigest()
    assert envelope.headers["withdrawal_digest"] == digest
    assert report.withdrawal_secret.encode() not in report.envelope


def test_secrets_and_this_machine_are_scrubbed_before_the_disk(send, directory, tmp_path):
    frame = {"function": "login", "abs_path": f"{Path.home()}/product/login.py", "vars": {"password": "planted-1"}}
    error = {
        **ERROR,
        "value": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.plantedplantedplanted3",
        "stacktrace": {"frames": [frame]},
    }
    assert send("--exception-json", exception_file(tmp_path, error))[0] == 0
    everything = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert b"planted" not in everything
    assert f"{Path.home()}/product".encode() not in everything
    assert socket.gethostname().encode() not in everything
    assert b"~/product/login.py" in everything


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "nothing to send: give --message"),
        (["--exception-json", "/nowhere.json"], "could not be read (No such file or directory)"),
        (["--message", "x", "--attach", "/nowhere.txt"], "could not be read"),
    ],
)
def test_wrong_use_is_one_line_and_leaves_nothing(send, directory, arguments, sentence):
    status, out, err = send(*arguments)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert not directory.exists()


@pytest.mark.parametrize("value", ["{", "[]", '"text"', "[1]", "{}", '{"values": []}'])
def test_a_file_without_an_exception_is_refused(send, tmp_path, value):
    (tmp_path / "bad.json").write_text(value)
    status, _, err = send("--exception-json", tmp_path / "bad.json")
    assert status == 2
    assert "bad.json" in err


def test_a_wrong_dsn_is_refused_before_anything_is_made(directory, capsys):
    assert main(["send", "--dsn", "nonsense", "--data", str(directory), "--message", "x"]) == 2
    assert "The DSN" in capsys.readouterr().err
    assert not directory.exists()


def test_a_folder_that_is_a_file_is_one_clear_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["send", "--dsn", DSN, "--data", str(tmp_path / "file"), "--message", "x"]) == 1
    assert "it is not a folder" in capsys.readouterr().err
