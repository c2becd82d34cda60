"""Accepts reports: authenticates, limits, stores and answers; everything clever happens in the processor."""
