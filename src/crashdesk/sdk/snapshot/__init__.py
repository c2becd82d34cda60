"""Facts about machine, runtime and product at one moment; the sections are declared in ``crashdesk.protocol.snapshot``.

Never the host's name, never its arguments; paths below the home directory begin with ``~``.
"""
