"""The processor's rules, one a module: what each does to the draft of an event or feedback. No Django, no database."""
