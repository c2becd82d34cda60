"""Fieldbook, a small notebook for nature walks: the sample product, integrated with Crashdesk as the README says.

Its code is ordinary desktop code with the kind of bugs that ship; `bugs.py` lists them and how to reach each.
"""
