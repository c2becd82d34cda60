"""Puts into an event what its dump tells: exception, place, modules, system and processor; pure functions."""

import ntpath
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from crashdesk.protocol import foreign

UNREADABLE = "minidump could not be read"


def with_facts(event: Mapping[str, Any], facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the event of a dump; what the client said itself stays, `facts` are None for one that cannot be read."""
    known = {"level": "fatal", "platform": "native", **event}
    if facts is None:
        return known | ({} if known.get("exception") else {"exception": _exception("Minidump", UNREADABLE, [])})
    contexts = {**_contexts(facts), **foreign.mapping(event.get("contexts"))}
    found = foreign.mapping(facts.get("exception"))
    modules = foreign.mappings(facts.get("modules"))
    return known | {
        "contexts": contexts,
        "debug_meta": known.get("debug_meta") or {"images": list(modules)},
        "exception": known.get("exception") or _exception_of(found, modules),
    }


def _contexts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return system and device; a client's own contexts of these names take their place."""
    system = dict(foreign.mapping(facts.get("os")))
    cpus = system.pop("cpus", None)
    return {"os": system, "device": {"arch": facts.get("cpu"), **({"processor_count": cpus} if cpus else {})}}


def _exception_of(found: Mapping[str, Any], modules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not found:
        return _exception("Minidump", "no exception is recorded in it", [])
    name, address = str(found.get("name")), str(found.get("address"))
    place = int(str(found.get("instruction_addr")), 16)
    exception = _exception(name, f"address {address}", [_frame(place, modules)])
    exception["values"][0]["thread_id"] = found.get("thread_id")
    return exception


def _exception(name: str, value: str, frames: list[dict[str, Any]]) -> dict[str, Any]:
    mechanism = {"type": "minidump", "handled": False}
    stack = {"stacktrace": {"frames": frames}} if frames else {}
    return {"values": [{"type": name, "value": value, "mechanism": mechanism, **stack}]}


def _frame(place: int, modules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the frame in which the crashed thread stood; named by module and offset, equal in every run."""
    for module in modules:
        base, size = int(str(module.get("image_addr")), 16), int(module.get("image_size") or 0)
        if base <= place < base + size:
            path = str(module.get("code_file") or "")
            return {
                "function": f"{_name(path) or 'module'}+{place - base:#x}",
                "package": path,
                "instruction_addr": hex(place),
                "image_addr": module.get("image_addr"),
                "in_app": not _is_of_system(path),
            }
    return {"instruction_addr": hex(place), "function": "outside of every module"}


def _name(path: str) -> str:
    return ntpath.basename(path) if "\\" in path else posixpath.basename(path)


def _is_of_system(path: str) -> bool:
    lowered = path.lower().replace("\\", "/")
    return lowered.startswith(("/usr/lib", "/lib", "/system/", "linux-")) or "/windows/" in lowered
