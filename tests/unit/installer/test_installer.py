"""The installer says what is wrong and how to go on, and leaves nothing half-made behind."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))  # the installer is run from the checkout, it is no installed package

from installer import __main__ as entry  # noqa: E402
from installer import steps, system_packages, virtualenv  # noqa: E402


def test_an_old_python_is_told_which_one_to_use(capsys, tmp_path, monkeypatch):
    newer = tmp_path / "python3.12"
    newer.write_text("")
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["installer", "demo"])
    assert entry._too_old() == 1
    assert "Run: python3.12 installer demo" in capsys.readouterr().err


def test_without_a_newer_python_it_says_what_to_install(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    entry._too_old()
    assert "Install Python 3.11 or later first." in capsys.readouterr().err


def test_a_missing_library_without_rights_stops_with_the_exact_line(monkeypatch, tmp_path):
    apt = tmp_path / "apt-get"
    apt.write_text("")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    lacking = (system_packages.Need("libnowhere.so.9", "libnowhere9"),)
    with pytest.raises(steps.Stop, match="apt-get install --yes --no-install-recommends libnowhere9"):
        system_packages.ensure(lacking)


def test_a_system_without_apt_is_told_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(steps.Stop, match=r"lacks: libnowhere\.so\.9"):
        system_packages.ensure((system_packages.Need("libnowhere.so.9", "libnowhere9"),))


def test_a_failed_installation_leaves_no_environment_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(virtualenv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(virtualenv, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    lock = tmp_path / "broken.lock"
    lock.write_text("nothing-of-this-name==1 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(virtualenv, "LOCKS", {"demo": lock, "test": lock})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(steps.Stop, match="could not be installed"):
        virtualenv.ensure("demo")
    assert not (tmp_path / ".venv").exists()


def test_the_tests_environment_serves_the_demo_too(monkeypatch, tmp_path):
    monkeypatch.setattr(virtualenv, "VENV", tmp_path)
    monkeypatch.setattr(virtualenv, "PYTHON", Path(sys.executable))
    (tmp_path / "crashdesk-stamp.txt").write_text(virtualenv._wanted("test"))
    assert virtualenv.is_ready("demo")


def test_a_changed_lock_is_noticed(monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1")
    monkeypatch.setattr(virtualenv, "LOCKS", {"demo": lock})
    before = virtualenv._wanted("demo")
    lock.write_text("a==2")
    assert virtualenv._wanted("demo") != before


def test_help_names_every_command():
    shown = subprocess.run([sys.executable, ROOT / "installer", "--help"], capture_output=True, text=True, check=True)
    assert all(command in shown.stdout for command in ("demo", "test", "doctor"))


def test_the_installer_needs_the_standard_library_only():
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    shown = subprocess.run(
        [python, "-I", "-S", ROOT / "installer", "--help"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr


def test_ctrl_c_reaches_the_program_that_was_handed_over_to():
    child = "import signal; print('there', flush=True); signal.sigwait([signal.SIGINT]); print('ended cleanly')"
    block = f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); {child}"
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from installer.steps import hand_over"
    hand_over = f"{program}; hand_over([sys.executable, '-c', {block!r}])"
    with subprocess.Popen([sys.executable, "-c", hand_over], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[0] == "ended cleanly\n"
    assert process.returncode == 0
