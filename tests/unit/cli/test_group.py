import gzip
import json

from crashdesk.cli.main import main
from support.events import event, raised


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def test_group_writes_one_line_for_each_event(tmp_path, capsys):
    events = [event(raised("KeyError")), event(raised("KeyError")), event(raised("IndexError"))]
    source = written(tmp_path / "events.jsonl", [{"labels": {}, "event": found} for found in events])
    out = tmp_path / "map.jsonl"
    assert main(["group", "--events", source, "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["event_id"] for row in rows] == [found["event_id"] for found in events]
    assert rows[0]["group_id"] == rows[1]["group_id"] != rows[2]["group_id"]
    assert "3 events in 2 groups" in capsys.readouterr().out


def test_group_reads_packed_files_and_explains(tmp_path):
    source = tmp_path / "events.jsonl.gz"
    with gzip.open(source, "wt", encoding="utf-8") as out:
        out.write(json.dumps(event()) + "\n\n")
    assert main(["group", "--events", str(source), "--out", str(tmp_path / "map"), "--explain"]) == 0
    assert json.loads((tmp_path / "map").read_text("utf-8"))["parts"][0] == "kind of failure: error"


def test_a_line_that_is_no_event_is_named(tmp_path, capsys):
    source = written(tmp_path / "events.jsonl", [event(), {"a": 1}])
    assert main(["group", "--events", source, "--out", str(tmp_path / "map")]) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_missing_file_is_one_sentence(tmp_path, capsys):
    assert main(["group", "--events", str(tmp_path / "none"), "--out", str(tmp_path / "map")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_earlier_result_stays_when_the_events_cannot_be_read(tmp_path):
    earlier = tmp_path / "map"
    earlier.write_text("earlier", "utf-8")
    source = written(tmp_path / "events.jsonl", [event(), {"a": 1}])
    assert main(["group", "--events", source, "--out", str(earlier)]) == 2
    assert earlier.read_text("utf-8") == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "map"]


def test_a_result_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    source = written(tmp_path / "events.jsonl", [event()])
    assert main(["group", "--events", source, "--out", str(tmp_path / "none" / "map")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_result_goes_to_what_is_no_plain_file(tmp_path):
    source = written(tmp_path / "events.jsonl", [event()])
    assert main(["group", "--events", source, "--out", "/dev/null"]) == 0


def test_a_damaged_packed_file_is_one_sentence(tmp_path, capsys):
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b\x08nonsense")
    assert main(["group", "--events", str(tmp_path / "x.gz"), "--out", str(tmp_path / "map")]) == 2
    assert "cannot be read" in capsys.readouterr().err
