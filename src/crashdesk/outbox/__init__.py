"""The durable queue on the user's machine: one SQLite file per product and user.

Everything here runs inside the product as well, so it imports the standard library only (SQLite's own library
excepted) and never changes what the host has imported.
"""
