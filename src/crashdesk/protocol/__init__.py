"""What crosses a process or machine border: values, parsing and pure decisions; standard library only.

Client and server share nothing else. Nothing in here reads a clock, a setting, a file or chance: what a function needs
is passed to it.
"""
