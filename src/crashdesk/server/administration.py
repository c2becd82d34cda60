"""What the commands on a data directory do: make a server, migrate it, add projects and people.

Each function starts Django on the directory it is given; a process works on one directory in its life.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from crashdesk import clock
from crashdesk.errors import StorageError, UsageError
from crashdesk.server import installation, schema
from crashdesk.server.boot import start_django
from crashdesk.server.installation import Installation
from crashdesk.server.intake import postgres, queue

INIT_TOKEN_LABEL = "server init"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, slots=True)
class NewServer:
    """What a person or script needs after ``server init``; the token's secret is shown only now."""

    dsn: str
    token: str
    url: str
    org: str
    project: str


@dataclass(frozen=True, slots=True)
class InitOrder:
    """What ``server init`` was asked for."""

    data: Path
    url: str
    org: str | None
    project: str
    admin_email: str
    admin_password: str


def initialise(order: InitOrder) -> NewServer:
    """Make a server, complete one that is there, or join one whose database is there already.

    A second run changes no key and revokes nothing.
    """
    server = _installation_for(order)
    start_django(order.data)
    from crashdesk.server.accounts import services as accounts  # after Django's start, as all below
    from crashdesk.server.projects import services as projects

    for slug in (server.organisation, order.project):
        projects.checked_slug(slug)
    accounts.checked_email(order.admin_email)
    accounts.checked_password(order.admin_password)
    if server.database:
        postgres.check(server.database)
    installation.prepare_directory(order.data)
    server.write()
    migrate(order.data)
    from crashdesk.server import migrating

    with migrating.alone():  # of two that make it one is first
        return _complete(_joined(server, order) if server.database else server, order)


def migrate(data: Path) -> None:
    """Bring the main database's tables up to date; raises StorageError when that cannot be.

    Of several nodes that start together one migrates and the others wait; whoever is interrupted goes on next time.
    """
    from django.db import DatabaseError

    from crashdesk.server import migrating
    from crashdesk.server.events import partitions

    server = Installation.read(data)
    try:
        if server.database:
            postgres.check(server.database)
        with migrating.alone():
            migrating.migrate(f"The database of {data}" if server.database else str(data))
            partitions.look_after(clock.now())
        queue.bring_up_to_date(server.intake)
    except DatabaseError as error:
        raise _unusable(server, error) from error
    with suppress(StorageError):  # a full disk costs the next start a second, not this one the server
        schema.note(server)


def _unusable(server: Installation, error: Exception) -> StorageError:
    if server.database:
        return StorageError(
            f"The tables of the database cannot be made ({postgres.reason_of(error)}): mend that and start again."
        )
    return StorageError(f"The database in {server.data} cannot be used ({error}): check the disk, or restore it.")


def _joined(server: Installation, order: InitOrder) -> Installation:
    """Return `server` with what all nodes on its database share; the first one's organisation and secret key stay."""
    from crashdesk.server.projects import queries
    from crashdesk.server.projects.services import shared_fact

    there = queries.organisation()
    if there is not None and order.org not in {None, there.slug}:
        raise UsageError(f"The organisation of this database is {there.slug}: leave --org out, or give that.")
    shared = replace(
        server,
        organisation=there.slug if there is not None else server.organisation,
        secret_key=shared_fact("secret_key", server.secret_key),
    )
    if shared != server:
        shared.write()
    return shared


def add_project(data: Path, slug: str) -> dict[str, str]:
    """Add a project and return what ``server project add --json`` prints."""
    server = start_on(data)
    from crashdesk.server.projects import queries, services

    organisation = queries.organisation()
    if organisation is None:
        raise UsageError(f"{data} is not complete: run crashdesk server init --data {data} again.")
    project = services.create_project(organisation, slug)
    return {"project": project.slug, "id": str(project.pk), "dsn": _dsn_of(project.slug, server.url)}


def add_user(data: Path, email: str, password: str, role: str, project_slug: str) -> dict[str, str]:
    """Let a person into a project; one who has an account already keeps the password that they have."""
    start_on(data)
    from crashdesk.server.accounts import queries, services
    from crashdesk.server.projects.queries import project_with_slug

    project = project_with_slug(project_slug)
    if project is None:
        raise UsageError(
            f"There is no project {project_slug}: add it with crashdesk server project add {project_slug}."
        )
    services.checked_role(role)
    user = queries.user_with_email(email) or services.create_user(email, password)
    services.set_role(user, project.pk, role)
    return {"email": user.email, "role": role, "project": project.slug}


def start_on(data: Path, *, whatever_its_tables: bool = False) -> Installation:
    """Start Django on an existing server; raises UsageError when `data` holds none.

    Raises StorageError when the tables are those of an older version, unless they may be.
    """
    server = Installation.read(data)
    start_django(data)
    if not whatever_its_tables and not schema.is_current(server):
        from crashdesk.server import migrating

        if migrating.missing(str(data)):
            raise StorageError(
                f"The tables of {data} are those of an older Crashdesk: start the server, or run"
                f" crashdesk server migrate --data {data}."
            )
    return server


def _installation_for(order: InitOrder) -> Installation:
    if installation.find(order.data) is None:
        return Installation.new(order.data, order.url, order.org or "main")
    server = Installation.read(order.data).with_url(order.url)
    if order.org not in {None, server.organisation}:
        raise UsageError(f"The organisation of this server is {server.organisation}: leave --org out, or give that.")
    return server


def _complete(server: Installation, order: InitOrder) -> NewServer:
    from django.db import transaction

    from crashdesk.server.accounts import queries as people
    from crashdesk.server.accounts import services as accounts
    from crashdesk.server.accounts.roles import SCOPES
    from crashdesk.server.projects import queries, services

    with transaction.atomic():
        organisation = queries.organisation() or services.create_organisation(server.organisation)
        project = queries.project_with_slug(order.project) or services.create_project(organisation, order.project)
        admin = people.user_with_email(order.admin_email)
        if admin is None:
            admin = accounts.create_user(order.admin_email, order.admin_password, is_superuser=True)
        accounts.make_superuser(admin)
        accounts.set_password(admin, order.admin_password)
        token = accounts.create_token(admin, INIT_TOKEN_LABEL, SCOPES)
        dsn = _dsn_of(project.slug, server.url)
    return NewServer(dsn, token, server.url, organisation.slug, project.slug)


def _dsn_of(project_slug: str, url: str) -> str:
    from crashdesk.server.projects import queries

    project = queries.project_with_slug(project_slug)
    key = queries.first_active_key(project) if project else None
    if key is None:
        raise UsageError(f"The project {project_slug} has no active key: switch one on.")
    return queries.dsn_of(key, url)
