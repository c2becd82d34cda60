"""Memory dumps of native crashes: read in a process of their own, as they are hostile data in a complex format."""
