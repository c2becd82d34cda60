"""Removes secrets once more: other SDKs do not scrub, and the table here may be newer than that of a client."""

import re2

from crashdesk.protocol.scrubbing import Scrubber
from crashdesk.server.processor.draft import Draft

NAME = "scrub"
_options = re2.Options()
_options.log_errors = False
_scrubber = Scrubber(compile=lambda pattern: re2.compile(pattern, _options))


def apply(draft: Draft) -> None:
    """Replace the payload by a copy without what the table of secrets names."""
    draft.payload = _scrubber.value(draft.payload)
