"""Who calls, organisations, projects and keys as Sentry's REST API writes them."""

from dataclasses import asdict
from typing import Annotated, Any, NotRequired, TypedDict

from django.conf import settings

from crashdesk.server.api.answers import time
from crashdesk.server.api.schemas import Number, Text, Time
from crashdesk.server.events import policies
from crashdesk.server.projects import queries

Name = Annotated[str, Text(least=1, most=100)]
Slug = Annotated[str, Text(least=1, most=50)]


class Person(TypedDict):
    """A person."""

    id: str
    email: str
    name: str


class Scopes(TypedDict):
    """What a token may do."""

    scopes: list[str]


class Info(TypedDict):
    """Who the token stands for, and what it may do."""

    version: str
    user: Person
    auth: Scopes


class OrganisationShape(TypedDict):
    """The organisation that runs this server."""

    id: str
    slug: str
    name: str
    dateCreated: Time
    status: dict[str, str]
    isEarlyAdopter: bool
    require2FA: bool
    requireEmailVerification: bool
    features: list[str]


class OrganisationName(TypedDict):
    """Which organisation it is."""

    id: str
    slug: str
    name: str


class ProjectShape(TypedDict):
    """A project: what has a DSN."""

    id: str
    slug: str
    name: str
    team: None
    teams: list[Any]
    status: str
    dateCreated: Time
    organization: OrganisationName


class Quota(TypedDict):
    """How many items of a category a project may send within a window of the clock."""

    category: Annotated[str, Text(most=20)]
    windowSeconds: int
    quantity: Annotated[int, Number(0, 2**53)] | None


class WholeProject(ProjectShape):
    """A project with what was chosen for it."""

    keptItems: list[str]
    hasSpikeProtection: bool
    quotas: list[Quota]
    retention: dict[str, int]


class NewProject(TypedDict):
    """A project to be made; without a slug it is made from the name."""

    name: Name
    slug: NotRequired[Slug]


class ProjectChanges(TypedDict):
    """What shall be changed; a quota without quantity is taken away, what retention does not name stays."""

    name: NotRequired[Name]
    keptItems: NotRequired[list[Annotated[str, Text(most=40)]]]
    hasSpikeProtection: NotRequired[bool]
    quotas: NotRequired[list[Quota]]
    retention: NotRequired[dict[str, Annotated[int, Number(0, 2**62)]]]


class Dsn(TypedDict):
    """The address that products are given."""

    public: str


class RateLimit(TypedDict):
    """How many reports a key may send within a window."""

    window: Annotated[int, Number(60, 60)]
    count: Annotated[int, Number(1, 2**31 - 1)]


class KeyShape(TypedDict):
    """A key: the public half of a DSN."""

    id: str
    name: str
    label: str
    public: str
    projectId: int
    isActive: bool
    rateLimit: RateLimit | None
    dsn: Dsn
    dateCreated: Time


class NewKey(TypedDict):
    """A key to be made."""

    name: NotRequired[Annotated[str, Text(most=100)]]


class KeyChanges(TypedDict):
    """What shall be changed of a key."""

    name: NotRequired[Annotated[str, Text(least=1, most=100)]]
    isActive: NotRequired[bool]
    rateLimit: NotRequired[RateLimit | None]


def organisation(row: Any) -> OrganisationShape:
    return {
        "id": str(row.pk),
        "slug": row.slug,
        "name": row.name,
        "dateCreated": time(row.created_at),
        "status": {"id": "active", "name": "active"},
        "isEarlyAdopter": False,
        "require2FA": False,
        "requireEmailVerification": False,
        "features": [],
    }


def project(row: Any) -> ProjectShape:
    owner = row.organisation
    return {
        "id": str(row.pk),
        "slug": row.slug,
        "name": row.name,
        "team": None,
        "teams": [],
        "status": "active",
        "dateCreated": time(row.created_at),
        "organization": {"id": str(owner.pk), "slug": owner.slug, "name": owner.name},
    }


def whole(row: Any) -> WholeProject:
    """Return a project with what was chosen for it."""
    quotas: list[Quota] = [
        {"category": quota.category, "windowSeconds": quota.window_seconds, "quantity": quota.quantity}
        for quota in queries.quotas_of(row)
    ]
    return {
        **project(row),
        "keptItems": list(row.kept_items),
        "hasSpikeProtection": row.has_spike_protection,
        "quotas": quotas,
        "retention": asdict(policies.policy(row.pk)),
    }


def key(row: Any) -> KeyShape:
    limit: RateLimit | None = {"window": 60, "count": row.reports_per_minute} if row.reports_per_minute else None
    return {
        "id": row.public_key,
        "name": row.label,
        "label": row.label,
        "public": row.public_key,
        "projectId": row.project_id,
        "isActive": row.is_active,
        "rateLimit": limit,
        "dsn": {"public": queries.dsn_of(row, settings.CRASHDESK_URL)},
        "dateCreated": time(row.created_at),
    }
