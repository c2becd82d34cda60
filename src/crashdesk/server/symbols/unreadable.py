"""The one error of reading uploaded files."""

from crashdesk.errors import UsageError


class UnreadableFileError(UsageError):
    """A file of no kind that is known here, or whose headers contradict themselves."""
