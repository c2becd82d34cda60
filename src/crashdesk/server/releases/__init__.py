"""Releases: versions of a product, announced by people or shown by events, with their dates, commits and deploys."""
