"""Pages by what a person does: look through issues, understand one, decide, read users' words, find the handbook."""
