"""The collection server: collector, processor and web tool, three processes of one command on one data directory."""
