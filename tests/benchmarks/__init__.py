"""Benchmarks, run by hand: how fast the server is beside its peer, and what a million events do to it."""
