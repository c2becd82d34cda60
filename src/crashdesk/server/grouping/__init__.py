"""Grouping: which events have one cause. Pure functions; each version is frozen once released."""
