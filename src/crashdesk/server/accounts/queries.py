"""Every read of people, memberships and tokens; above all: who may see what."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from crashdesk.server.accounts.models import Membership, Token, User
from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.accounts.tokens import digest_of
from crashdesk.server.projects.models import Project


def user_with_email(email: str) -> User | None:
    return User.objects.filter(email__iexact=email.strip()).first()


def authenticate_token(secret: str, scope: str | None, now: datetime) -> Token | None:
    """Return the token with this `secret`, its ``user`` loaded, or None.

    None stands for unknown, revoked, expired, or a person who may no longer sign in. With a `scope` it is also None for
    a token without it; call without one to tell "who are you" (401) from "you may not" (403) by ``token.scopes``.
    """
    token = Token.objects.select_related("user").filter(digest=digest_of(secret), is_revoked=False).first()
    if token is None or not token.user.is_active or _has_expired(token, now):
        return None
    return token if scope is None or scope in token.scopes else None


def projects_visible_to(user: User) -> QuerySet[Project]:
    """Return the projects that `user` may see: all for a superuser, else those with a membership."""
    projects = Project.objects.select_related("organisation")
    if not user.is_active:
        return projects.none()
    visible = projects if user.is_superuser else projects.filter(membership__user=user)
    return visible.order_by("name", "pk")


def scopes_in(user: User, project_id: int) -> frozenset[str]:
    """Return what `user` may do in the project; the empty set for a stranger."""
    if not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(SCOPES)
    role = _role_of(user, project_id)
    return ROLES[role].scopes if role in ROLES else frozenset()


def scopes_by_project(user: User, project_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return what `user` may do in each of these projects; one query for all."""
    if not user.is_active:
        return {}
    if user.is_superuser:
        return dict.fromkeys(project_ids, frozenset(SCOPES))
    rows = Membership.objects.filter(user=user, project_id__in=project_ids).values_list("project_id", "role")
    return {project_id: ROLES[role].scopes for project_id, role in rows if role in ROLES}


def role_in(user: User, project_id: int) -> str:
    """Return the name of the role that `user` has in the project; a superuser is an admin everywhere."""
    return "admin" if user.is_superuser else _role_of(user, project_id)


def _role_of(user: User, project_id: int) -> str:
    return Membership.objects.filter(user=user, project_id=project_id).values_list("role", flat=True).first() or ""


def may(user: User, scope: str, project_id: int) -> bool:
    """Whether the role of `user` in the project gives `scope`."""
    return scope in scopes_in(user, project_id)


def members_of(project_id: int) -> list[User]:
    """Return who may be assigned an issue of the project: its members and the superusers."""
    members = User.objects.filter(is_active=True, memberships__project_id=project_id)
    superusers = User.objects.filter(is_active=True, is_superuser=True)
    return sorted({*members, *superusers}, key=lambda user: (user.name or user.email).casefold())


def people_and_roles() -> list[tuple[User, list[str]]]:
    """Return everybody by address, each with roles as ``project:role``."""
    people = User.objects.order_by("email").prefetch_related("memberships__project")
    return [(user, [f"{member.project.slug}:{member.role}" for member in user.memberships.all()]) for user in people]


def tokens_of(user: User | None) -> list[Token]:
    """Return the tokens of `user`, of everybody where none is named, oldest first, each with its person."""
    tokens = Token.objects.select_related("user").order_by("pk")
    return list(tokens if user is None else tokens.filter(user=user))


def token_with_id(token_id: int) -> Token | None:
    return Token.objects.select_related("user").filter(pk=token_id).first()


def state_of(token: Token, now: datetime) -> str:
    """Return in one word whether `token` lets its scripts in, and if not, why."""
    if token.is_revoked:
        return "revoked"
    if _has_expired(token, now):
        return "expired"
    return "valid" if token.user.is_active else "disabled"


def _has_expired(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now
