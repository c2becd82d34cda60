"""Order of versions: by their numbers where both read as versions (PEP 440 and most of SemVer), else by time.

Pure. A release is called ``product@1.2.3+build`` or ``1.2.3``; only what stands behind the last ``@`` is read.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def parsed(release: str) -> Version | None:
    """Return the version that a release's name holds; None for a name that is no version, such as ``build-1234``."""
    try:
        return Version(release.rpartition("@")[2])
    except InvalidVersion:
        return None


def product_of(release: str) -> str:
    """Return what stands before the ``@`` of a release's name; empty without one."""
    return release.rpartition("@")[0]


def is_later(release: str, other: str, first_seen: Mapping[str, datetime]) -> bool:
    """Whether `release` comes after `other`.

    Versions of one product are compared by number, and by `first_seen` where that decides nothing.
    """
    mine, theirs = parsed(release), parsed(other)
    if mine and theirs and mine != theirs and product_of(release) == product_of(other):
        return mine > theirs
    return first_seen[release] > first_seen[other]


def oldest_first(first_seen: Mapping[str, datetime]) -> list[str]:
    """Return the releases in order: by number if all of them are versions of one product, else by when they were seen.

    A mixture goes by time alone: comparing some pairs by number and some by time would give no order at all.
    """
    versions = {release: parsed(release) for release in first_seen}
    is_of_one_kind = None not in versions.values() and len({product_of(release) for release in first_seen}) == 1
    if not is_of_one_kind:
        return sorted(first_seen, key=lambda release: (first_seen[release], release))
    return sorted(first_seen, key=lambda release: (versions[release], first_seen[release], release))
