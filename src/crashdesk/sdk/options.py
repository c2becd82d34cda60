"""Arguments of ``init()``: their checks, their defaults, and what is guessed about the product when it does not say."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crashdesk.errors import UsageError
from crashdesk.protocol.dsn import Dsn

Event = dict[str, Any]
BeforeSend = Callable[[Event, dict[str, Any]], Event | None]

CONSENTS = ("ask", "given", "refused")
AGENT_AUTO = "auto"
AGENT_OFF = "off"
MOST_BREADCRUMBS = 1000
LEAST_HANG_SECONDS = 1.0
OURS = ("crashdesk.sdk", "crashdesk.outbox", "crashdesk.protocol", "sentry_sdk")
"""Packages whose frames never count as the product's own."""


@dataclass(frozen=True, slots=True)
class Options:
    """Checked arguments of ``init()``; nothing here changes while the SDK is at work."""

    dsn: Dsn
    release: str | None = None
    environment: str = "production"
    product: str = "product"
    data_dir: Path | None = None
    consent: str = "ask"
    before_send: BeforeSend | None = None
    in_app_include: tuple[str, ...] = ()
    agent: str | tuple[str, ...] = AGENT_AUTO
    hang_seconds: float = 5.0
    max_breadcrumbs: int = 100
    tags: Mapping[str, str] = field(default_factory=dict)
    eager: bool = False
    restart_command: tuple[str, ...] = ()
    screenshots: bool = False


def checked(dsn: str, caller_module: str = "", **given: Any) -> Options:
    """Return the options, or raise UsageError with the one thing that is wrong and what would be right."""
    release = _text("release", given.get("release"))
    return Options(
        dsn=Dsn.parse(dsn),
        release=release,
        environment=_text("environment", given.get("environment")) or "production",
        product=_text("product", given.get("product")) or _guess_product(release),
        data_dir=_directory(given.get("data_dir")),
        consent=_one_of("consent", given.get("consent", "ask"), CONSENTS),
        before_send=_function("before_send", given.get("before_send")),
        in_app_include=_own_packages(given.get("in_app_include", ()), caller_module),
        agent=_agent(given.get("agent", AGENT_AUTO)),
        hang_seconds=_hang_seconds(given.get("hang_seconds", 5.0)),
        max_breadcrumbs=int(_number("max_breadcrumbs", given.get("max_breadcrumbs", 100), 0, MOST_BREADCRUMBS)),
        tags=_tags(given.get("tags")),
        eager=bool(given.get("eager", False)),
        restart_command=_words("restart_command", given.get("restart_command") or ()),
        screenshots=bool(given.get("screenshots", False)),
    )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"init({name}=…) is {value!r}: give a text that is not empty, or leave it out.")
    return value.strip()


def _one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise UsageError(f"init({name}=…) is {value!r}: give one of {', '.join(map(repr, allowed))}.")
    return str(value)


def _function(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise UsageError(f"init({name}=…) is {value!r}: give a function, or leave it out.")
    return value


def _number(name: str, value: Any, least: float, most: float = float("inf")) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        bounds = f"from {least:g}" + (f" to {most:g}" if most != float("inf") else "")
        raise UsageError(f"init({name}=…) is {value!r}: give a number {bounds}.")
    return float(value)


def _hang_seconds(value: Any) -> float:
    seconds = _number("hang_seconds", value, least=0.0)
    if 0 < seconds < LEAST_HANG_SECONDS:
        raise UsageError(f"init(hang_seconds=…) is {value!r}: give {LEAST_HANG_SECONDS:g} or more, or 0 for never.")
    return seconds


def _directory(value: Any) -> Path | None:
    if value is None:
        return None
    try:
        return Path(value).expanduser().absolute()
    except (TypeError, RuntimeError) as error:
        raise UsageError(f"init(data_dir=…) is {value!r}: give the path of a directory.") from error


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"init({name}=…) is {value!r}: give a list of texts.")
    words = tuple(value)
    if not all(isinstance(word, str) and word for word in words):
        raise UsageError(f"init({name}=…) is {value!r}: every part must be a text that is not empty.")
    return words


def _agent(value: Any) -> str | tuple[str, ...]:
    if value in (AGENT_AUTO, AGENT_OFF):
        return str(value)
    if isinstance(value, str) or not value:
        raise UsageError(f"init(agent=…) is {value!r}: give 'auto', 'off', or a command as a list of texts.")
    return _words("agent", value)


def _tags(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError(f"init(tags=…) is {value!r}: give a dictionary of names and values.")
    return {str(key): str(content) for key, content in value.items()}


def _own_packages(value: Any, caller_module: str) -> tuple[str, ...]:
    """Add the package that calls init(): a product installed into site-packages is still the product."""
    packages = _words("in_app_include", value)
    caller = _main_package() if caller_module == "__main__" else caller_module
    own = caller.partition(".")[0] if caller else ""
    return packages if not own or own in packages else (*packages, own)


def _main_package() -> str:
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return str(spec.parent) if spec is not None else ""


def _guess_product(release: str | None) -> str:
    """Name of the product from ``name@version``, else from the file that was started."""
    if release and "@" in release and release.partition("@")[0]:
        return release.partition("@")[0]
    if getattr(sys, "frozen", False):
        return Path(sys.executable).stem
    package = _main_package()
    started = Path(getattr(sys.modules.get("__main__"), "__file__", None) or "product").stem
    name = package.rpartition(".")[2] or started
    return re.sub(r"[^\w .-]", "_", name)
