"""Table of roles and scopes: what a person may do in a project, and what a token may do for that person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role's name, what it is for, and the scopes it gives."""

    name: str
    description: str
    scopes: frozenset[str]


SCOPES: dict[str, str] = {
    "event:read": "read issues, events, feedback and attachments",
    "event:write": "change issues: resolve, ignore, assign",
    "event:admin": "delete issues and events",
    "project:read": "read projects, keys and releases",
    "project:write": "change projects and keys",
    "project:releases": "create and change releases and deploys",
    "org:read": "read the organisation, its sessions and statistics",
    "org:admin": "manage people and the organisation",
}

_READ = frozenset({"event:read", "project:read", "org:read"})
_TRIAGE = _READ | {"event:write"}
_DEVELOP = _TRIAGE | {"project:write", "project:releases"}

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("viewer", "reads issues and feedback", _READ),
        Role("support", "reads, triages issues and answers feedback", _TRIAGE),
        Role("developer", "triages, manages releases and keys", _DEVELOP),
        Role("admin", "everything, people included", frozenset(SCOPES)),
    )
}
