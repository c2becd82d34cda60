"""Qt without a screen, and a trail to look at."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6 import QtCore

from crashdesk.protocol.trail import breadcrumb
from crashdesk.sdk.qt import binding
from crashdesk.sdk.qt.trail import make_filter


class Recorded:
    """Breadcrumbs as the trail would get them."""

    def __init__(self) -> None:
        self.crumbs: list[dict[str, Any]] = []

    def __call__(self, message: str, **about: Any) -> dict[str, Any]:
        self.crumbs.append(breadcrumb(message, 0.0, **about))
        return self.crumbs[-1]

    @property
    def words(self) -> list[str]:
        return [crumb["message"] for crumb in self.crumbs]


@pytest.fixture
def host_binding() -> binding.Binding:
    return binding.of_core(QtCore)


@pytest.fixture
def recorded(qapp, host_binding) -> Iterator[Recorded]:
    """A trail filter on the application, and what it noted."""
    trail = Recorded()
    steps = make_filter(host_binding, trail)
    qapp.installEventFilter(steps)
    yield trail
    qapp.removeEventFilter(steps)
