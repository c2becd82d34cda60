"""People, their roles in projects, and the tokens with which scripts act for them."""
