"""Users' own words, alone or tied to an event."""
