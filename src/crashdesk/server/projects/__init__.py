"""Organisations, projects (what has a DSN) and their keys."""
