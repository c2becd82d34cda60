"""Arguments of init(): a wrong one is told in one sentence, a missing one is guessed."""

import sys
from pathlib import Path

import pytest

from crashdesk.errors import UsageError
from crashdesk.sdk.options import Options, checked

DSN = "https://key@host.example/7"


def options(**given: object) -> Options:
    return checked(DSN, **given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": "maybe"},
        {"release": "  "},
        {"environment": 3},
        {"product": ""},
        {"data_dir": 12},
        {"before_send": "no function"},
        {"in_app_include": "one text"},
        {"agent": "crashdesk agent"},
        {"agent": []},
        {"agent": ["crashdesk", ""]},
        {"hang_seconds": -1},
        {"hang_seconds": 0.2},
        {"hang_seconds": True},
        {"max_breadcrumbs": 100_000},
        {"tags": ["a"]},
        {"restart_command": "a b"},
    ],
)
def test_a_wrong_argument_is_named(wrong: dict[str, object]):
    with pytest.raises(UsageError, match=rf"init\({next(iter(wrong))}="):
        options(**wrong)


def test_a_wrong_dsn_is_refused():
    with pytest.raises(UsageError):
        checked("key@host")


def test_defaults_ask_the_person_and_start_the_agent():
    made = options()
    assert (made.consent, made.agent, made.environment, made.hang_seconds) == ("ask", "auto", "production", 5.0)
    assert made.before_send is None


def test_the_product_is_named_by_the_release():
    assert options(release="fieldbook@2.4.0").product == "fieldbook"


def test_a_given_product_wins_over_the_release():
    assert options(release="fieldbook@2.4.0", product="Field Book").product == "Field Book"


def test_without_any_name_the_started_file_names_the_product(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/opt/tools/plan:ner.py", raising=False)
    assert options().product == "plan_ner"


def test_the_package_that_calls_init_is_the_products_own():
    made = checked(DSN, caller_module="fieldbook.app.main", in_app_include=["helpers"])
    assert made.in_app_include == ("helpers", "fieldbook")


def test_the_home_directory_is_understood_in_the_data_directory():
    assert options(data_dir="~/reports").data_dir == Path.home() / "reports"


def test_tags_become_text():
    assert options(tags={"build": 7}).tags == {"build": "7"}
