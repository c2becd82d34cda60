"""Issues in addresses: ``/issues/FIELDBOOK-12/``."""

from crashdesk.server.issues.names import ShortId, parse_short_id, short_id


class ShortIdConverter:
    """Path converter between an address and an issue's name."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]*-[0-9]{1,9}"

    def to_python(self, value: str) -> ShortId:
        """Return the name; what has not its form leads nowhere."""
        found = parse_short_id(value)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: ShortId | str) -> str:
        return value if isinstance(value, str) else short_id(*value)
