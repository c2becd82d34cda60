"""Every write to people, memberships and tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.accounts.models import Membership, Token, User
from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.accounts.tokens import digest_of, new_secret

MIN_PASSWORD_LENGTH = 8
USE_NOTED_EVERY = timedelta(minutes=1)


def create_user(email: str, password: str, *, name: str = "", is_superuser: bool = False) -> User:
    """Create a person who signs in with `email`; raises UsageError for a bad address, a taken one, a short password."""
    address = checked_email(email)
    if User.objects.filter(email__iexact=address).exists():
        raise UsageError(f"There is an account for {address} already: choose another address.")
    user = User(email=address, name=name, is_superuser=is_superuser, is_staff=is_superuser, created_at=clock.now())
    user.set_password(checked_password(password))
    user.save()
    return user


def set_password(user: User, password: str) -> None:
    """Give `user` another password; their sessions end, unless it is the one they have."""
    if not user.check_password(checked_password(password)):
        user.set_password(password)
        user.save(update_fields=["password"])


def switch_user(user: User, *, is_active: bool) -> None:
    """Let `user` and their tokens in, or keep them out; nothing of theirs is deleted."""
    User.objects.filter(pk=user.pk).update(is_active=is_active)


def make_superuser(user: User) -> None:
    """Let `user` see and do everything on this server."""
    if not (user.is_superuser and user.is_staff and user.is_active):
        User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True, is_active=True)


@transaction.atomic
def set_role(user: User, project_id: int, role: str) -> Membership:
    """Make `role` what `user` may do in the project, in place of an earlier one."""
    membership, _ = Membership.objects.update_or_create(
        user=user, project_id=project_id, defaults={"role": checked_role(role)}
    )
    return membership


def create_token(user: User, label: str, scopes: Iterable[str], *, expires_at: datetime | None = None) -> str:
    """Create a token that acts for `user` and return its secret, which is shown only now."""
    secret = new_secret()
    Token.objects.create(
        user=user,
        digest=digest_of(secret),
        label=label,
        scopes=checked_scopes(scopes),
        created_at=clock.now(),
        expires_at=expires_at,
    )
    return secret


def revoke_token(token: Token) -> None:
    Token.objects.filter(pk=token.pk).update(is_revoked=True)


def note_use_of(token: Token, now: datetime) -> None:
    """Remember when `token` was last used, to the minute: a busy script costs no write a call."""
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def checked_email(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise UsageError(f"{email!r} is not an e-mail address: write it like name@example.org.") from error
    return User.objects.normalize_email(email.strip())


def checked_password(password: str) -> str:
    if len(password) < MIN_PASSWORD_LENGTH:
        raise UsageError(f"The password is too short: use at least {MIN_PASSWORD_LENGTH} characters.")
    return password


def checked_role(role: str) -> str:
    if role not in ROLES:
        raise UsageError(f"There is no role {role}: use one of {', '.join(ROLES)}.")
    return role


def checked_scopes(scopes: Iterable[str]) -> list[str]:
    chosen = sorted(set(scopes))
    unknown = [scope for scope in chosen if scope not in SCOPES]
    if unknown or not chosen:
        raise UsageError(f"A token needs scopes out of {', '.join(SCOPES)}; {', '.join(unknown) or 'none'} is not one.")
    return chosen
