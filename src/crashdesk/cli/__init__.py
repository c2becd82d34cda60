"""Commands of ``crashdesk``: each module parses its arguments, calls the part that does the work, and prints."""
