"""Makes rare moments frequent in a server of the failure tests: packs fill soon, rows are forgotten at once.

Only the environment of such a server names this folder (``support.recorded``); nothing else is changed.
"""

from crashdesk.server.collector import committer
from crashdesk.server.intake.blobs.local import LocalBlobs

committer.FORGET_EVERY_SECONDS = 0.1
LocalBlobs.open.__func__.__kwdefaults__["pack_bytes"] = 100_000
