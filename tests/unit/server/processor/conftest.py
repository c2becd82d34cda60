from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def intake(db: None, settings: Any, tmp_path: Path) -> Iterator[Any]:
    """A real intake of the project `fieldbook`, whose bodies go below this test's directory."""
    from support.reports import Intake  # needs Django to be ready
    from support.rows import a_project

    settings.CRASHDESK_DATA = tmp_path
    found = Intake(tmp_path, a_project().pk)
    yield found
    found.close()
