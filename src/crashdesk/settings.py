"""Every setting once: name, type, default, unit, help, reader. Order: flag, environment, file, default.

What changes daily without a release is collection policy, not a setting. Arguments of ``crashdesk.sdk.init`` stand in
``sdk/options.py``. This module is also the only reader of the process's environment.
"""

import ipaddress
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


def _proxies(text: str) -> int | tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Read how many proxies stand in front, or which: addresses and networks with commas between them."""
    if text.strip().isdigit():
        return int(text)
    try:
        return int(_switch(text))
    except ValueError:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))


def _level(text: str) -> str:
    level = text.strip().upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError(text)
    return level


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return parse


def _some_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        found = text.replace(",", " ").split()
        if not found or not set(found) <= set(words):
            raise ValueError(text)
        return tuple(word for word in words if word in found)

    return parse


def _bucket(text: str) -> str:
    """Read ``s3://bucket/prefix``, or nothing."""
    address = text.strip()
    if address and (not address.removeprefix("s3://").strip("/") or not address.startswith("s3://")):
        raise ValueError(text)
    return address


def _numbers(text: str) -> dict[str, float]:
    """Read ``body_bytes=50000000 connections=4000``: names and numbers."""
    pairs = [part.partition("=") for part in text.replace(",", " ").split()]
    return {name: float(number) for name, _, number in pairs}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; `live` says whether a running process notices a change.

    `unit` tells people what to write; one that holds a password or a secret is shown without it. The flag of a list may
    be given several times.
    """

    name: str
    parse: Callable[[str], Any]
    default: Any
    unit: str
    help: str
    reader: str
    live: bool = False
    secret: bool = False
    is_list: bool = False

    @property
    def is_of_server(self) -> bool:
        """Whether the server reads it: then ``crashdesk server run`` has a flag for it."""
        return self.name != "data" and any(part.startswith(("server", "logs")) for part in self.reader.split(", "))

    @property
    def flag(self) -> str:
        """Name of the option that sets it."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Name of the environment variable that sets it."""
        return ENVIRONMENT_PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("data", Path, None, "directory", "Where this server or outbox keeps everything.", "cli, server"),
    Setting("host", str, "127.0.0.1", "address", "Address on which the server listens.", "server.supervisor"),
    Setting("port", int, 8300, "port", "Port on which the server listens.", "server.supervisor"),
    Setting(
        "role",
        _some_of("collector", "processor", "web"),
        ("collector", "processor", "web"),
        "collector,processor,web",
        "Parts of the server that this process runs; others may run the rest, on other machines too with PostgreSQL.",
        "server.supervisor",
        is_list=True,
    ),
    Setting(
        "database",
        str,
        None,
        "URL",
        "Main database; without it a SQLite file in the data directory.",
        "server",
        secret=True,
    ),
    Setting(
        "blobs",
        _bucket,
        "",
        "s3://bucket/prefix",
        "Object store for bodies and files, with the usual AWS variables; without it a folder in the data directory.",
        "server.intake",
    ),
    Setting("blobs_endpoint", str, "", "URL", "Address of an object store that is not Amazon's.", "server.intake"),
    Setting(
        "blobs_region", str, "", "name", "Region of the object store, where its address does not say.", "server.intake"
    ),
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
        _proxies,
        0,
        "off/number/addresses",
        "Proxies of yours in front of the server, how many or which (10.0.0.0/8, 192.0.2.7): what they write into"
        " X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host is believed.",
        "server.collector",
    ),
    Setting("strict", _switch, False, "on/off", "On lets failures inside the SDK out, for tests.", "sdk.guard"),
    Setting(
        "limits",
        _numbers,
        {},
        "NAME=NUMBER ...",
        "Limits of the collector that differ from its table, such as body_bytes=50000000 connections=4000.",
        "server.collector",
    ),
    Setting(
        "metrics_token",
        str,
        None,
        "text",
        "Who reads /metrics from another machine sends it as a Bearer token; without it only this machine may.",
        "server.collector",
        secret=True,
    ),
    Setting(
        "log_format",
        _one_of("text", "json", "auto"),
        "auto",
        "text/json/auto",
        "Form of log records: auto is text on a terminal, else JSON.",
        "logs",
    ),
    Setting("outbox_reports", int, 500, "number", "Most undelivered reports that an outbox keeps.", "outbox.quota"),
    Setting("outbox_bytes", int, 200_000_000, "bytes", "Most bytes of undelivered reports.", "outbox.quota"),
    Setting("outbox_days", float, 90.0, "days", "How long an undelivered report is kept.", "outbox.quota"),
    Setting(
        "theme",
        _one_of("auto", "light", "dark"),
        "auto",
        "auto/light/dark",
        "Colours of the windows; auto is the desktop's.",
        "agent.ui",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_of_process: dict[str, Any] = {}
_of_file: dict[str, str] = {}
_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A setting's value and where it comes from, in words: flag, variable, file or default."""

    value: Any
    source: str


def use(name: str, content: Any) -> None:
    """Let `content` be the setting `name` for this whole process, as if every reader had passed it as a flag."""
    _of_process[_BY_NAME[name].name] = content


def use_flag(name: str, text: str) -> None:
    """Let the flag of the setting `name` be `text`, for this process and those that it starts.

    Raises UsageError when the text cannot be read as the setting's type.
    """
    setting = _BY_NAME[name]
    use(name, _parsed(setting, text, f"The flag {setting.flag}"))
    os.environ[setting.variable] = text  # a flag goes before the environment, so what we start may find it there


def use_file(path: Path) -> None:
    """Let the TOML file at `path`, where there is one, hold settings of this process.

    Raises UsageError for a file that cannot be read, a name that is no setting, and a value that is not of its form.
    """
    global _file  # noqa: PLW0603 - a process has one file of settings, as it has one environment
    found = _read_file(path) if path.exists() else {}
    _of_file.clear()
    _of_file.update(found)
    _file = path
    for name in found:
        _parsed(_BY_NAME[name], found[name], f"The setting {name} in {path}")


def value(name: str, *, flag: Any = None, file: Path | None = None) -> Any:
    """Return the setting `name` from the flag, else the environment, else the TOML `file`, else its default.

    Raises UsageError when the text found cannot be read as the setting's type.
    """
    return find(name, flag=flag, file=file).value


def find(name: str, *, flag: Any = None, file: Path | None = None) -> Found:
    """Return the setting `name` as `value` does, with its source."""
    setting = _BY_NAME[name]
    if flag is not None:
        return Found(flag, f"flag {setting.flag}")
    if name in _of_process:
        return Found(_of_process[name], f"flag {setting.flag}")
    text = os.environ.get(setting.variable)
    if text is not None:
        return Found(_parsed(setting, text, f"The environment variable {setting.variable}"), setting.variable)
    path, texts = (_file, _of_file) if file is None else (file, _read_file(file) if file.exists() else {})
    if name in texts:
        return Found(_parsed(setting, texts[name], f"The setting {name} in {path}"), str(path))
    return Found(setting.default, "default")


def _parsed(setting: Setting, text: str, source: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "what it is" if setting.secret else repr(text)
        raise UsageError(
            f"{source} is {shown}, which is not of the form {setting.unit}: correct or remove it."
        ) from error


def _read_file(path: Path) -> dict[str, str]:
    """Return the texts of a TOML file by the names of settings; true and false stay words, numbers become text."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The settings in {path} cannot be read ({error.strerror}): check owner and mode.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not TOML ({error}): write lines such as port = 8300.") from error
    for name, content in found.items():
        if name not in _BY_NAME:
            raise UsageError(f"{path} names a setting {name} that does not exist{_nearest(name)}.")
        if isinstance(content, dict | list):
            raise UsageError(f"The setting {name} in {path} is a list or table: write one value behind the name.")
    return {name: str(content) for name, content in found.items()}


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # only for a mistake: every product that starts would pay for it

    near = get_close_matches(name, _BY_NAME, n=1, cutoff=0.5)
    return f": did you mean {near[0]}" if near else ": crashdesk server settings shows those that do"


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
