import pytest

from crashdesk.server.grouping.names import function_words, last_part, type_name


@pytest.mark.parametrize("name", ["post_json", "_do_post_json", "json_post", "postJson", "Client.post_json_ex"])
def test_a_function_keeps_its_name_through_small_renames(name):
    assert function_words(name) == "json_post"


def test_a_name_of_fillers_only_stays_itself():
    assert function_words("do") == "do"
    assert function_words("<lambda>") == "<lambda>"


def test_a_module_keeps_its_name_when_it_moves():
    assert last_part("fieldbook.core.loader") == last_part("fieldbook.loader") == "loader"


def test_a_type_renamed_by_python_keeps_its_name():
    assert type_name("re.PatternError") == type_name("re.error") == "error"
    assert type_name("IOError") == "OSError"
