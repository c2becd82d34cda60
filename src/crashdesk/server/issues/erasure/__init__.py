"""Erases what is known of a person, a report that its sender withdraws, or a whole project, so that no file holds it.

`person` says what it looks for, `finding` walks through the bodies, `removing` takes rows and blobs away, `traces` what
issues and counters remember, `files` rewrites the files that remember deleted rows. `orders` are the ways in.
"""

from crashdesk.server.issues.erasure.orders import Erased, erase_person, erase_project, withdraw
from crashdesk.server.issues.erasure.person import Person

__all__ = ["Erased", "Person", "erase_person", "erase_project", "withdraw"]
