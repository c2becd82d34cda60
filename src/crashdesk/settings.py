"""Every setting once: name, type, default, unit, help, reader. Order: flag, environment, file, default.

What changes daily without a release is collection policy, not a setting. Arguments of ``crashdesk.sdk.init`` stand in
``sdk/options.py``. This module is also the only reader of the process's environment.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk.errors import UsageError

ENVIRONMENT_PREFIX = "CRASHDESK_"


def _switch(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "on", "yes", "true"}:
        return True
    if lowered in {"0", "off", "no", "false"}:
        return False
    raise ValueError(text)


def _level(text: str) -> str:
    level = text.strip().upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError(text)
    return level


def _theme(text: str) -> str:
    if text not in {"auto", "light", "dark"}:
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; `live` says whether a running process notices a change."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    unit: str
    help: str
    reader: str
    live: bool = False

    @property
    def variable(self) -> str:
        """Name of the environment variable that sets it."""
        return ENVIRONMENT_PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("data", Path, None, "directory", "Where this server or outbox keeps everything.", "cli, server"),
    Setting("host", str, "127.0.0.1", "address", "Address on which the server listens.", "server.supervisor"),
    Setting("port", int, 8300, "port", "Port on which the server listens.", "server.supervisor"),
    Setting("database", str, None, "URL", "Main database; without it a SQLite file in the data directory.", "server"),
    Setting(
        "quotas", _switch, True, "on/off", "Off lifts quotas and rate limits: for load tests only.", "server.collector"
    ),
    Setting(
        "log_level",
        _level,
        "INFO",
        "DEBUG/INFO/WARNING/ERROR/CRITICAL",
        "Least level of log records that are written.",
        "logs",
    ),
    Setting(
        "trust_forwarded",
        _switch,
        False,
        "on/off",
        "On when the server stands behind a proxy of yours: X-Forwarded-For and X-Forwarded-Proto are believed.",
        "server.collector",
    ),
    Setting("strict", _switch, False, "on/off", "On lets failures inside the SDK out, for tests.", "sdk.guard"),
    Setting("log_format", str, "auto", "text/json/auto", "Form of log records: text on a terminal, else JSON.", "logs"),
    Setting("outbox_reports", int, 500, "number", "Most undelivered reports that an outbox keeps.", "outbox.quota"),
    Setting("outbox_bytes", int, 200_000_000, "bytes", "Most bytes of undelivered reports.", "outbox.quota"),
    Setting("outbox_days", float, 90.0, "days", "How long an undelivered report is kept.", "outbox.quota"),
    Setting("theme", _theme, "auto", "auto/light/dark", "Colours of the windows; auto is the desktop's.", "agent.ui"),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_of_process: dict[str, Any] = {}


def use(name: str, content: Any) -> None:
    """Let `content` be the setting `name` for this whole process, as if every reader had passed it as a flag."""
    _of_process[_BY_NAME[name].name] = content


def value(name: str, *, flag: Any = None, file: Path | None = None) -> Any:
    """Return the setting `name` from the flag, else the environment, else the TOML `file`, else its default.

    Raises UsageError when the text found cannot be read as the setting's type.
    """
    setting = _BY_NAME[name]
    if flag is not None:
        return flag
    if name in _of_process:
        return _of_process[name]
    text = os.environ.get(setting.variable)
    source = f"The environment variable {setting.variable}"
    if text is None and file is not None and file.exists():
        found = tomllib.loads(file.read_text("utf-8")).get(name)
        text, source = (None if found is None else str(found)), f"The setting {name} in {file}"
    if text is None:
        return setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        raise UsageError(
            f"{source} is {text!r}, which is not of the form {setting.unit}: correct or remove it."
        ) from error


def environment(name: str) -> str | None:
    """Return a variable of the process's environment that is not ours, such as DISPLAY."""
    return os.environ.get(name)


def export(name: str, text: str) -> None:
    """Set a variable of this process for a library that reads its settings there, such as Django."""
    os.environ[name] = text


def child_environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment for a process we start: ours with `changes`, where None removes a variable."""
    merged = dict(os.environ)
    for name, text in changes.items():
        if text is None:
            merged.pop(name, None)
        else:
            merged[name] = text
    return merged
