"""What callers of Crashdesk may catch; every message says what happened and what to do."""


class CrashdeskError(Exception):
    """Something the person or program that called us can mend; its text is one or two clear sentences."""


class UsageError(CrashdeskError):
    """The call itself was wrong: an argument, an option, a file that is not what it should be."""


class StorageError(CrashdeskError):
    """A file, directory or database cannot be used: full, foreign, damaged or not writable."""


class DeliveryError(CrashdeskError):
    """A report could not be handed over, and why; the report itself is kept."""
