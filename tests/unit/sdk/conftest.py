"""The border of the SDK starts each test with nothing counted, so that its one warning is seen where it is expected."""

from collections.abc import Iterator

import pytest

from crashdesk.sdk import guard


@pytest.fixture(autouse=True)
def _fresh_border(monkeypatch) -> Iterator[None]:
    monkeypatch.delenv("CRASHDESK_STRICT", raising=False)
    guard.counts.clear()
    yield
    guard.counts.clear()
