"""The protocol needs the standard library only."""

import pkgutil
import subprocess
import sys

import crashdesk.protocol


def test_every_module_needs_the_standard_library_only():
    names = [f"crashdesk.protocol.{found.name}" for found in pkgutil.iter_modules(crashdesk.protocol.__path__)]
    probe = f"import sys; before = set(sys.modules); import {', '.join(names)}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    roots = {name.partition(".")[0] for name in done.stdout.split()}
    assert roots - sys.stdlib_module_names == {"crashdesk"}
