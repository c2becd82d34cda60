import os
import stat

import pytest

from crashdesk.errors import StorageError, UsageError
from crashdesk.outbox.location import (
    create_private_file,
    default_directory,
    folder_name,
    open_private_file,
    prepare_directory,
)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_directory_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        directory = prepare_directory(tmp_path / "a" / "outbox")
    finally:
        os.umask(before)
    assert mode_of(directory) == mode_of(directory.parent) == 0o700


@pytest.mark.parametrize("umask", [0, 0o022, 0o277])
def test_a_new_file_is_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        assert create_private_file(tmp_path / "outbox.sqlite")
        os.close(open_private_file(tmp_path / "facts.json"))
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "outbox.sqlite") == mode_of(tmp_path / "facts.json") == 0o600


def test_a_directory_that_exists_is_taken_as_it_is(tmp_path):
    (tmp_path / "mine").mkdir(mode=0o755)
    assert prepare_directory(tmp_path / "mine") == tmp_path / "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    os.chown(foreign, 65534, 65534)
    with pytest.raises(StorageError, match=r"belongs to another user \(\w+\).*choose another folder"):
        prepare_directory(foreign)


def test_a_directory_that_others_may_write_is_refused(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(StorageError, match="other users may write to it"):
        prepare_directory(tmp_path / "open")


def test_a_link_in_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StorageError, match="symbolic link"):
        prepare_directory(tmp_path / "link")


@pytest.mark.parametrize("name", ["file", "file/below", "file/below/deep"])
def test_a_file_in_place_of_the_directory_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be used"):
        prepare_directory(tmp_path / name)


@pytest.mark.parametrize("place", ["link", "hard link", "fifo", "directory"])
def test_an_odd_file_is_not_opened(tmp_path, place):
    path = tmp_path / "odd"
    (tmp_path / "target").write_text("precious")
    make = {
        "link": lambda: path.symlink_to(tmp_path / "target"),
        "hard link": lambda: path.hardlink_to(tmp_path / "target"),
        "fifo": lambda: os.mkfifo(path),
        "directory": path.mkdir,
    }
    make[place]()
    with pytest.raises(StorageError):
        open_private_file(path)
    with pytest.raises(StorageError):
        create_private_file(path)


def test_an_odd_file_is_not_emptied_before_it_is_refused(tmp_path):
    (tmp_path / "target").write_text("precious")
    (tmp_path / "odd").hardlink_to(tmp_path / "target")
    with pytest.raises(StorageError):
        open_private_file(tmp_path / "odd", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    assert (tmp_path / "target").read_text() == "precious"


def test_an_own_file_is_emptied(tmp_path):
    (tmp_path / "own").write_text("old")
    os.close(open_private_file(tmp_path / "own", os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
    assert (tmp_path / "own").read_text() == ""


def test_a_product_name_becomes_one_safe_path_part():
    assert folder_name("Fieldbook") == "Fieldbook"
    assert folder_name("../../etc").startswith("etc-")
    assert folder_name("A/B") != folder_name("A-B")
    assert "/" not in folder_name("Notizbuch für Ärzte 3")


def test_products_do_not_share_a_directory():
    assert default_directory("Fieldbook").name == "Fieldbook"
    assert default_directory("Fieldbook") != default_directory("Other")


def test_a_product_without_a_name_is_told_so():
    with pytest.raises(UsageError, match="give product="):
        default_directory(" ")
