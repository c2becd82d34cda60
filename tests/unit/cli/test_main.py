"""The entry of the command line."""

import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest

from crashdesk import __main__ as program
from crashdesk import __version__
from crashdesk.cli import main as entry
from crashdesk.errors import StorageError, UsageError


@pytest.fixture
def command(monkeypatch):
    """Hang a command `probe` into the table; its `run` is set by the test."""
    module = SimpleNamespace(NAME="probe", HELP="Probe.", configure=lambda parser: None, run=lambda args: 0)
    monkeypatch.setitem(sys.modules, "crashdesk.cli.probe", module)
    monkeypatch.setattr(entry, "COMMANDS", ("probe",))
    return module


def raising(error):
    def run(args):
        raise error

    return run


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        entry.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"crashdesk {__version__}\n"


def test_the_status_is_what_the_command_returns(command):
    command.run = lambda args: 7
    assert entry.main(["probe"]) == 7


def test_the_list_of_commands_tells_what_each_does(command, capsys):
    with pytest.raises(SystemExit):
        entry.main(["--help"])
    assert "Probe." in capsys.readouterr().out


def test_no_command_is_wrong_use(command, capsys):
    with pytest.raises(SystemExit) as ended:
        entry.main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_an_unknown_command_is_wrong_use(command):
    with pytest.raises(SystemExit) as ended:
        entry.main(["fly"])
    assert ended.value.code == 2


def test_only_the_asked_command_is_imported(command, monkeypatch):
    monkeypatch.setattr(entry, "COMMANDS", ("probe", "does_not_exist"))
    assert entry.main(["probe"]) == 0


@pytest.mark.parametrize(("kind", "status"), [(UsageError, 2), (StorageError, 1)])
def test_an_error_is_one_line_and_a_status(command, capsys, kind, status):
    command.run = raising(kind("The port 80\nis taken. Choose another."))
    assert entry.main(["probe"]) == status
    assert capsys.readouterr().err == "crashdesk: The port 80 is taken. Choose another.\n"


def test_a_missing_library_names_the_extra_to_install(command, capsys):
    command.run = raising(ModuleNotFoundError("No module named 'django.db'", name="django.db"))
    assert entry.main(["probe"]) == 1
    assert "pip install 'crashdesk[server]'" in capsys.readouterr().err


def test_a_missing_module_of_nobody_stays_an_error(command):
    command.run = raising(ModuleNotFoundError("No module named 'zzz'", name="zzz"))
    with pytest.raises(ModuleNotFoundError):
        entry.main(["probe"])


def test_an_interrupt_ends_quietly(command, capsys):
    command.run = raising(KeyboardInterrupt())
    assert entry.main(["probe"]) == 130
    assert capsys.readouterr().err == ""


def test_a_wrong_log_level_is_one_clear_line(monkeypatch, capsys):
    monkeypatch.setenv("CRASHDESK_LOG_LEVEL", "LOUD")
    monkeypatch.setattr(sys, "argv", ["crashdesk", "doctor"])
    assert program.main() == 2
    assert "CRASHDESK_LOG_LEVEL is 'LOUD'" in capsys.readouterr().err


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_of_the_table_shows_its_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        entry.main([name, "--help"])
    assert ended.value.code == 0
    assert import_module(f"crashdesk.cli.{name}").HELP in " ".join(capsys.readouterr().out.split())


def test_the_program_lists_its_commands_without_any_heavy_library():
    code = "import sys; from crashdesk.cli.main import main; main(['--help'])"
    probe = f"import atexit, sys; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr)); {code}"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert all(f"  {name}" in done.stdout for name in entry.COMMANDS)
    assert not [name for name in ("django", "PySide6", "requests", "sentry_sdk") if f"'{name}'" in done.stderr]


def test_a_reader_that_has_left_ends_the_program_quietly():
    with subprocess.Popen(
        [sys.executable, "-m", "crashdesk", "doctor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
