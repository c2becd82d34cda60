"""Events as rows, with bodies and attachments outside the row, and what could not be read."""
