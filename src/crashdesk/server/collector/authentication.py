"""Whose report this is: the key from header, query or envelope, and the project it belongs to."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from crashdesk.protocol.dsn import Dsn, DsnError
from crashdesk.protocol.rate_limits import RateLimit


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the projects' keys, with what its project says about all that comes to it.

    `reports_per_minute` is None for the usual limit; a quota is a category, the length of its window in seconds and
    how many items may come within one.
    """

    key_id: int
    project_id: int
    is_active: bool
    allowed_origins: tuple[str, ...]
    reports_per_minute: int | None = None
    quotas: tuple[tuple[str, int, int], ...] = ()
    has_spike_protection: bool = True
    kept_items: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818 - named for what it says; it is an answer, not a failure of ours
    """No way in: `reason` is the word for it, `status` the HTTP status, for a while or for good.

    `limits` are told to the sender: which categories are not wanted for how long.
    """

    def __init__(
        self, status: int, reason: str, retry_seconds: float | None = None, limits: tuple[RateLimit, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_seconds = retry_seconds
        self.limits = limits


def keys_in_request(headers: Mapping[bytes, bytes], query: bytes) -> set[str]:
    """Return the keys that headers and query name: none, one, or several that disagree."""
    found = _key_in_header(headers.get(b"x-sentry-auth")), _key_in_header(headers.get(b"authorization"))
    keys = {*found, _key_in_query(query)}
    keys.discard(None)
    keys.discard("")
    return keys  # type: ignore[return-value]  # None was among them


def key_and_project_in_dsn(text: str | None) -> tuple[str, str] | None:
    """Return key and project of the DSN in an envelope's header; its host is not looked at, we may have several."""
    if text is None:
        return None
    try:
        dsn = Dsn.parse(text)
    except DsnError:
        return None
    return dsn.public_key, dsn.project_id


def authenticate(
    named: Collection[str], project_id: str | None, origin: str | None, find: Callable[[str], Key | None]
) -> Key:
    """Return the one key that was named, if it lets a report for this project in; raises Refused."""
    if not named:
        raise Refused(401, "key_missing")
    if len(named) > 1:
        raise Refused(403, "keys_disagree")
    (public_key,) = named
    key = find(public_key)
    if key is None or not key.is_active:
        raise Refused(403, "key_unknown")
    if str(key.project_id) != project_id:
        raise Refused(403, "key_of_other_project")
    if origin and key.allowed_origins and not {origin, "*"} & set(key.allowed_origins):
        raise Refused(403, "origin_not_allowed")
    return key


@lru_cache(maxsize=1024)  # a client repeats its header with every report
def _key_in_header(header: bytes | None) -> str | None:
    """Read ``Sentry sentry_key=K, sentry_version=7, ...``, in any order and with any spacing."""
    scheme, _, rest = (header or b"").decode("latin-1").strip().partition(" ")
    if scheme.lower() != "sentry":
        return None
    pairs = (part.partition("=") for part in rest.split(","))
    return next((text.strip() for name, _, text in pairs if name.strip() == "sentry_key"), None)


def _key_in_query(query: bytes) -> str | None:
    if b"sentry_key" not in query:
        return None
    try:
        return dict(parse_qsl(query.decode("latin-1"), max_num_fields=50)).get("sentry_key")
    except ValueError:
        return None
