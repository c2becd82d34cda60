"""What holds for every test: unexpected log records fail it, long suites run in short form unless --long."""

import logging
import os
import re
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # tests with a real window start Xvfb themselves
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # crash tests leave no core files


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run long suites whole")


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether long suites run whole."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let tests with Django's database run on PostgreSQL: CRASHDESK_TEST_DATABASE=postgresql, or an address."""
    del django_db_modify_db_settings_parallel_suffix
    chosen = os.environ.get("CRASHDESK_TEST_DATABASE")
    if chosen:
        from support import postgres, topologies

        topologies.lead_django_to(postgres.cluster().url() if chosen == "postgresql" else chosen, None)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def expected_logs() -> Callable[[str], None]:
    """Name log records (regular expressions) that the test expects; each must be seen."""
    patterns: list[str] = []
    return patterns.append


@pytest.fixture(autouse=True)
def _no_unexpected_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    patterns: list[str] = []
    if "expected_logs" in request.fixturenames:
        append = request.getfixturevalue("expected_logs")
        patterns = append.__self__
    handler = _Collector()
    ours = logging.getLogger("crashdesk")
    root = logging.getLogger()
    ours.addHandler(handler)
    root.addHandler(handler)
    yield
    ours.removeHandler(handler)
    root.removeHandler(handler)
    texts = list(
        dict.fromkeys(f"{record.name} {record.levelname}: {record.getMessage()}" for record in handler.records)
    )
    unexpected = [text for text in texts if not any(re.search(pattern, text) for pattern in patterns)]
    missing = [pattern for pattern in patterns if not any(re.search(pattern, text) for text in texts)]
    assert not unexpected, f"unexpected log records: {unexpected}"
    assert not missing, f"expected log records never came: {missing}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest first, so that no worker is left alone with them, but files with a browser last.

    Playwright leaves an event loop running in the thread until the session ends; Django refuses its database there.
    """
    with_browser = {item.path for item in items if "playwright" in getattr(item, "fixturenames", ())}
    order = {"journeys": 0, "integration": 1, "unit": 2}
    here = Path(__file__).parent
    items.sort(key=lambda item: (item.path in with_browser, order.get(item.path.relative_to(here).parts[0], 3)))


def pytest_make_parametrize_id(config, val, argname):
    """Name bytes by their length: what holds the time or chance would be another name in each worker process."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) and len(val) > 16 else None
