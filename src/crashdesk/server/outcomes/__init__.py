"""What became of every item, counted by hour with its reason."""
