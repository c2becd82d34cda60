"""Sets Crashdesk up from a checkout: virtual environment, system libraries, demo and tests. Standard library only."""
