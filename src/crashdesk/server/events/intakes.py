"""Which intake this server has: the one place that knows, for the processor, statistics and health checks."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection, transaction

from crashdesk.server.events.freed import free
from crashdesk.server.events.queries import intake_position
from crashdesk.server.events.services import move_intake_position
from crashdesk.server.installation import Installation
from crashdesk.server.intake.embedded import EmbeddedIntake
from crashdesk.server.intake.interface import Intake
from crashdesk.server.intake.spool import Spool
from crashdesk.server.intake.table import TableIntake


def open_intake(server: Installation) -> Intake:
    """Return the intake of `server`; nothing is opened before it is needed."""
    if server.database:
        return TableIntake(DjangoSession(), Spool(server.intake), free)
    return EmbeddedIntake(server.intake, intake_position, move_intake_position)


class DjangoSession:
    """Django's connection to the main database, as the intake uses it."""

    def transaction(self) -> AbstractContextManager[Any]:
        return transaction.atomic()

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall()) if cursor.description else []
