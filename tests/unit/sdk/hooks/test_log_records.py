"""Log records in the trail, without changing how the host logs."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from crashdesk.sdk.hooks.log_records import LogHooks, level_name


@pytest.fixture
def noted() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def failures() -> list[BaseException]:
    return []


@pytest.fixture
def logger(noted, failures) -> Iterator[logging.Logger]:
    """A logger of the host while we listen."""
    hooks = LogHooks(
        lambda message, **about: noted.append((message, about)), lambda error, message: failures.append(error)
    )
    hooks.install()
    host = logging.getLogger("host_product.files")
    host.setLevel(logging.DEBUG)
    yield host
    hooks.uninstall()


def test_records_from_info_on_are_noted_with_level_and_logger(logger, noted):
    logger.debug("not this")
    logger.info("read %d files", 3)
    assert noted == [("read 3 files", {"category": "log.host_product.files", "level": "info", "kind": "log"})]


def test_our_own_records_are_not_noted(logger, noted, expected_logs):
    expected_logs("about ourselves")
    logging.getLogger("crashdesk.sdk").warning("about ourselves")
    assert noted == []


def test_a_record_that_does_not_fit_its_arguments_is_noted_as_it_is(logger, noted):
    record = logger.makeRecord(logger.name, logging.INFO, __file__, 1, "%d files", ("many",), None)
    logger.propagate = False
    logger.handle(record)
    logger.propagate = True
    assert noted[0][0] == "%d files"


def test_an_asyncio_error_that_only_a_log_sees_is_a_failure(logger, failures, expected_logs):
    expected_logs("Task exception was never retrieved")
    error = ValueError("lost")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=error)
    assert failures == [error]


def test_noting_that_logs_itself_does_not_turn_in_circles(expected_logs):
    expected_logs("first")
    expected_logs("from noting")
    noted = []

    def breadcrumb(message: str, **about: object) -> None:
        noted.append(message)
        logging.getLogger("host_product").warning("from noting")

    hooks = LogHooks(breadcrumb, lambda error, message: None)
    hooks.install()
    logging.getLogger("host_product").warning("first")
    hooks.uninstall()
    assert noted == ["first"]


def test_after_uninstall_logging_is_as_before():
    before = logging.Logger.callHandlers
    hooks = LogHooks(lambda message, **about: None, lambda error, message: None)
    hooks.install()
    assert logging.Logger.callHandlers is not before
    hooks.uninstall()
    assert logging.Logger.callHandlers is before


@pytest.mark.parametrize(
    ("number", "name"), [(50, "fatal"), (45, "error"), (30, "warning"), (20, "info"), (25, "info"), (10, "debug")]
)
def test_levels_have_the_words_of_events(number: int, name: str):
    assert level_name(number) == name
