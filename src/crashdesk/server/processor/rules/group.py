"""Groups the event by the version that its project uses: which fingerprint it has, and why."""

from crashdesk.server.grouping.fingerprint import group
from crashdesk.server.processor.draft import Draft

NAME = "group"


def apply(draft: Draft) -> None:
    """Set `fingerprint`; the explanation is kept in the body for the page that answers "why grouped"."""
    draft.fingerprint = group(draft.payload, draft.arrival.grouping_version)
