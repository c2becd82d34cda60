import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

from crashdesk.server.triage.assets import static_address

STATIC = Path(str(files("crashdesk.server"))) / "static"


def test_the_address_changes_with_any_file(tmp_path):
    (tmp_path / "a.css").write_text("a")
    first = static_address(tmp_path)
    (tmp_path / "a.css").write_text("b")
    assert first.startswith("/static/")
    assert static_address(tmp_path) != first


def test_vendored_files_are_those_of_the_manifest():
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text())
    vendored = {path.name for path in (STATIC / "vendor").glob("*.js")}
    assert set(manifest) == vendored
    for name, facts in manifest.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == facts["sha256"]


def test_vendored_htmx_is_the_one_that_django_htmx_carries():
    carried = Path(str(files("django_htmx"))) / "static" / "django_htmx" / "htmx-2.min.js"
    assert (STATIC / "vendor" / "htmx-2.min.js").read_bytes() == carried.read_bytes()


def test_static_files_are_served_and_kept_by_browsers(client, settings):
    answer = client.get(f"{settings.STATIC_URL}crashdesk/tokens.css")
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert b"--cd-accent" in b"".join(answer.streaming_content)


def test_styles_take_their_colours_from_the_tokens_only():
    text = (STATIC / "crashdesk" / "crashdesk.css").read_text("utf-8")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl|oklch", text)
