import gc

import pytest

from crashdesk.server import heap


@pytest.fixture
def unsettled():
    """Leave the heap of the tests as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("unsettled")
def test_what_is_loaded_is_searched_for_garbage_no_more_and_the_rest_seldom():
    heap.settle()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == heap.YOUNG_OBJECTS
