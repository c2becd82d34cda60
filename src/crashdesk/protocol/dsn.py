"""Parse and build a DSN, the address and key of a project: ``scheme://KEY[:SECRET]@HOST[:PORT][/PREFIX]/PROJECT_ID``."""

import re
from dataclasses import dataclass

from crashdesk.errors import UsageError

SENTRY_VERSION = 7

_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEY = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_HOST = re.compile(r"\[[0-9A-Fa-f:.%]+\]|[^\x00-\x20\x7f\s/:@?#\[\]\\\"'<>]{1,253}")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~\-]+)*")
_PROJECT = re.compile(r"[A-Za-z0-9_\-]{1,64}")


class DsnError(UsageError):
    """The text is not a DSN; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Dsn:
    """Where a project's reports go, and the key that lets them in; `host` is without the brackets of IPv6."""

    scheme: str
    public_key: str
    secret_key: str | None
    host: str
    port: int
    path_prefix: str
    project_id: str

    @classmethod
    def parse(cls, text: str) -> "Dsn":
        """Read a DSN; raises DsnError that names the part that is wrong."""
        scheme, separator, rest = text.strip().partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in _DEFAULT_PORTS:
            raise _wrong("does not begin with http:// or https://")
        keys, separator, place = rest.rpartition("@")
        public_key, has_secret, secret_key = keys.partition(":")
        if not separator or not _KEY.fullmatch(public_key) or (has_secret and not _KEY.fullmatch(secret_key)):
            raise _wrong("has no readable key before the @")
        netloc, _, path = place.partition("/")
        host, port = _host_and_port(netloc, _DEFAULT_PORTS[scheme])
        prefix, project_id = _prefix_and_project(path)
        return cls(scheme, public_key, secret_key or None, host, port, prefix, project_id)

    def __str__(self) -> str:
        secret = f":{self.secret_key}" if self.secret_key else ""
        return f"{self.scheme}://{self.public_key}{secret}@{self._netloc}{self.path_prefix}/{self.project_id}"

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser writes an origin."""
        return f"{self.scheme}://{self._netloc}"

    @property
    def envelope_url(self) -> str:
        return self._endpoint("envelope")

    @property
    def store_url(self) -> str:
        return self._endpoint("store")

    def auth_header(self, client: str) -> str:
        """Return the value of ``X-Sentry-Auth`` for a client such as ``crashdesk.agent/1.0``."""
        parts = [f"sentry_key={self.public_key}", f"sentry_version={SENTRY_VERSION}", f"sentry_client={client}"]
        if self.secret_key:
            parts.append(f"sentry_secret={self.secret_key}")
        return "Sentry " + ", ".join(parts)

    @property
    def _netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def _endpoint(self, name: str) -> str:
        return f"{self.origin}{self.path_prefix}/api/{self.project_id}/{name}/"


def _host_and_port(netloc: str, default_port: int) -> tuple[str, int]:
    found = _HOST.match(netloc)
    if found is None:
        raise _wrong("has no readable host after the @")
    tail = netloc[found.end() :]
    host = found.group().strip("[]").lower()
    if not tail:
        return host, default_port
    digits = tail[1:]
    if tail[0] != ":" or not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:6]) < 65536:
        raise _wrong("has a port that is no number from 1 to 65535")
    return host, int(digits)


def _prefix_and_project(path: str) -> tuple[str, str]:
    prefix, _, project_id = f"/{path.rstrip('/')}".rpartition("/")
    if not _PROJECT.fullmatch(project_id):
        raise _wrong("does not end with the id of a project")
    if not _PREFIX.fullmatch(prefix):
        raise _wrong("has a path before the project id that is not readable")
    return prefix, project_id


def _wrong(part: str) -> DsnError:
    return DsnError(f"The DSN {part}. It looks like https://KEY@HOST/PROJECT; copy it from the project's page.")
