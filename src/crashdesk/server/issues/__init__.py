"""Issues: events judged to have one cause, their counters, states and grouping keys."""
