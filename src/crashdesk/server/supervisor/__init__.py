"""``crashdesk server run``: starts, watches and ends the server's parts: collector, processor and web."""
