"""Which intake this server has: the one place that knows, for the processor, statistics and health checks."""

from crashdesk.server.events import queries, services
from crashdesk.server.installation import Installation
from crashdesk.server.intake.embedded import EmbeddedIntake
from crashdesk.server.intake.interface import Intake


def open_intake(server: Installation) -> Intake:
    """Return the intake of `server`; nothing is opened before it is needed."""
    return EmbeddedIntake(server.intake, queries.intake_position, services.move_intake_position)
