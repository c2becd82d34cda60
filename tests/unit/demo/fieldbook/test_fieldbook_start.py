import pytest

from crashdesk.demo.fieldbook import start
from crashdesk.demo.fieldbook.start import main


def test_a_wrong_dsn_is_one_sentence_and_nothing_is_made(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--dsn", "nonsense", "--data", str(tmp_path / "notes"), "--crash-data", str(tmp_path / "reports")])
    assert ended.value.code == 2
    assert "The DSN does not begin with http" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_a_display_it_says_so_in_one_sentence(monkeypatch, capsys, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert start.main(["--data", str(tmp_path / "notebook")]) == 1
    assert "needs a display and none answers here" in capsys.readouterr().err
    assert not (tmp_path / "notebook").exists()
