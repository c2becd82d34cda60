"""An invented program whose crashes go through many parts of the standard library, as the Python SDK captures them.

Run as a script in a process of its own: ``python program.py SEED FILE`` writes one event as JSON a line. Nothing of it
is taken from a real report.
"""

import argparse
import asyncio
import concurrent.futures
import configparser
import contextlib
import csv
import functools
import importlib
import io
import json
import logging
import pathlib
import random
import runpy
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.request
import xml.etree.ElementTree as ET
import zipfile

NOUNS = [
    "account",
    "layer",
    "sample",
    "invoice",
    "track",
    "sensor",
    "chapter",
    "ticket",
    "route",
    "voxel",
    "panel",
    "rule",
]
VERBS = [
    "open",
    "save",
    "fetch",
    "export",
    "render",
    "sort",
    "filter",
    "paste",
    "resize",
    "connect",
    "refresh",
    "undo",
]
ERRORS = [
    "KeyError",
    "ValueError",
    "TypeError",
    "IndexError",
    "AttributeError",
    "RuntimeError",
    "OSError",
    "LookupError",
]
IMPORTS = ("import os", "import sys", "from pathlib import Path", "import logging", "from typing import Any")

_MODULE = '''"""{title} of the program."""
{imports}

logger = logging.getLogger(__name__)


class {title}Model:
    """Holds what the window shows."""

    def __init__(self, parent=None):
        super().__init__()
        self.parent = parent
        self.items = []
        self.selected = None

    def {verb}(self, item, *args, **kwargs):
        """{verb} an item and tell the view."""
        if self.selected is not None and item is None:
            return None
        self.items.append(item)
        try:
            return self._{verb}(item)
        finally:
            self.selected = item

    def _{verb}(self, item):
        result = {{}}
        for index, name in enumerate(self.items):
            result[name] = index
        return {noun}_{verb}(self, result)


def {noun}_{verb}(model, result):
    logger.debug("about to {verb} %d", len(result))
    value = result.get("{noun}")
    if value is None:
        raise {error}("{verb} failed")
    return value
'''


def write(directory: pathlib.Path, rolls: random.Random) -> list[tuple[str, str]]:
    """Write the program's modules; return the name and the method of each."""
    package = directory / "program"
    package.mkdir()
    (package / "__init__.py").write_text("")
    made = []
    for noun in NOUNS:
        for verb in rolls.sample(VERBS, 4):
            facts = {"noun": noun, "verb": verb, "title": noun.title() + verb.title(), "error": rolls.choice(ERRORS)}
            imports = "\n".join(sorted(set(rolls.sample(IMPORTS, 3)) | {"import logging"}))
            (package / f"{noun}_{verb}.py").write_text(_MODULE.format(**facts, imports=imports))
            made.append((f"{noun}_{verb}", verb))
    return made


def ways(crash):
    """Return calls that reach `crash` through the standard library."""

    async def waits():
        await asyncio.wait_for(asyncio.gather(asyncio.to_thread(crash)), 5)

    def in_pool():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(crash).result()

    def mapped():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            list(pool.map(lambda _: crash(), [1]))

    def chained():
        try:
            crash()
        except Exception as error:
            raise RuntimeError("the step failed") from error

    def while_handling():
        try:
            json.loads("{")
        except ValueError:
            crash()

    def stacked():
        with contextlib.ExitStack() as stack:
            stack.callback(crash)

    def run_as_script():
        with tempfile.TemporaryDirectory() as below:
            path = pathlib.Path(below) / "main.py"
            path.write_text("raise ValueError('start')\n")
            runpy.run_path(str(path), run_name="__main__")

    return [
        crash,
        chained,
        while_handling,
        stacked,
        in_pool,
        mapped,
        run_as_script,
        lambda: asyncio.run(waits()),
        lambda: functools.reduce(lambda *_: crash(), [1, 2]),
        lambda: sorted([1, 2], key=lambda _: crash()),
        lambda: json.dumps(object()),
        lambda: json.loads('{"a": '),
        lambda: list(csv.DictReader(io.StringIO("a\n\0"), strict=True)) and crash(),
        lambda: configparser.ConfigParser().read_string("x"),
        lambda: sqlite3.connect(":memory:").execute("select"),
        lambda: zipfile.ZipFile(io.BytesIO(b"x")),
        lambda: ET.fromstring("<a>"),  # noqa: S314 - ours
        lambda: pathlib.Path("/no/such/file").read_text(),
        lambda: subprocess.run(["/no/such/program"], check=True),
        lambda: subprocess.run([sys.executable, "-c", "exit(1)"], check=True),
        lambda: urllib.request.urlopen("http://127.0.0.1:1/", timeout=1),
        lambda: importlib.import_module("no_such_module"),
        lambda: argparse.ArgumentParser(exit_on_error=False).parse_args(["--x"]),
        lambda: logging.getLogger("program").handle(None),
        lambda: int("x"),
        lambda: "x".encode("ascii").decode("utf-16"),
    ]


def main(seed: int, target: pathlib.Path, below: pathlib.Path) -> None:
    import sentry_sdk

    rolls = random.Random(seed)
    made = write(below, rolls)
    sys.path.insert(0, str(below))
    found: list[dict] = []
    sentry_sdk.init(
        "http://key@127.0.0.1/1",
        before_send=lambda event, _hint: found.append(event),
        auto_enabling_integrations=False,
        in_app_include=["program"],
        release="program@1.0.0",
        environment="production",
    )
    for name, verb in made:
        module = importlib.import_module(f"program.{name}")
        model = next(value for key, value in vars(module).items() if key.endswith("Model"))()
        for way in rolls.sample(ways(functools.partial(getattr(model, verb), "x")), 10):
            _capture(sentry_sdk, way)
        thread = threading.Thread(target=getattr(model, verb), args=["x"], name="worker")
        thread.start()
        thread.join()
    with target.open("w") as lines:
        lines.writelines(json.dumps(event, default=str) + "\n" for event in found)


def _capture(sdk, way) -> None:
    try:
        way()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - every kind is wanted
        sdk.capture_exception(error)


if __name__ == "__main__":
    sys.stderr = io.StringIO()  # the hook of threads prints what it captured
    with tempfile.TemporaryDirectory() as directory:
        main(int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(directory))
