"""Where failures of the host are noticed: exceptions nobody caught, lost futures and tasks, native faults, hangs.

A hook hands what it saw to a function it was given and then lets the host go on as if it were not there.
"""
