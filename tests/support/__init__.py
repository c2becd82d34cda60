"""Builders, real misbehaving peers and waiting, shared by all tests."""
