import pytest

from crashdesk.demo.fieldbook.start import main


def test_a_wrong_dsn_is_one_sentence_and_nothing_is_made(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--dsn", "nonsense", "--data", str(tmp_path / "notes"), "--crash-data", str(tmp_path / "reports")])
    assert ended.value.code == 2
    assert "The DSN does not begin with http" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
