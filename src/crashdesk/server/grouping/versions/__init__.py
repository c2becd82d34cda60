"""The versions of grouping, each in a module of its own that never changes after its release."""
