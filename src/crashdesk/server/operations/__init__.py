"""What whoever runs a server does to it: projects, keys, people, tokens; checks, figures, backups and erasure.

Everything here may run while the server runs; results are plain values, printed by ``crashdesk server``.
"""
