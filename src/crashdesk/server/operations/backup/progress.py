"""Says now and then how far a long step is."""

from collections.abc import Callable

from crashdesk import clock

Say = Callable[[str], None]

EVERY_SECONDS = 2.0


class Progress:
    """Counts the rows and bytes of one step after the other."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._due_at = clock.monotonic() + EVERY_SECONDS

    def note(self, text: str) -> None:
        """Say `text` when nothing was said for a while."""
        if clock.monotonic() >= self._due_at:
            self._say(text)
            self._due_at = clock.monotonic() + EVERY_SECONDS
