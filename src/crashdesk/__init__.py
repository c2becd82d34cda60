"""Crashdesk: crash reports and feedback from desktop programs, from the user's machine to the developer's lab."""

__version__ = "0.1.0"
