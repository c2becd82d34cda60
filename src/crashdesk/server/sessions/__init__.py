"""Runs of the product: single ones and added-up ones, counted by hour and user, for crash-free rates."""
