"""Who sent a request that came through proxies of ours: only what they wrote is believed, never what a stranger did."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Trust = int | tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
MOST_HOPS = 50


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request, as far as we believe it: address, scheme and, where a proxy names it, the host asked for."""

    address: str
    scheme: str
    host: bytes | None = None


def sender_of(peer: Sender, headers: Mapping[bytes, bytes], trust: Trust) -> Sender:
    """Return the sender behind the proxies that `trust` names: how many there are, or which.

    Each proxy appends whom it heard. The sender is the rightmost address that none of ours has.
    """
    if not trust or (isinstance(trust, tuple) and not _is_trusted(peer.address, trust)):
        return peer
    chain = [*_addresses(headers.get(b"x-forwarded-for", b"")), peer.address]
    address = chain[-min(trust + 1, len(chain))] if isinstance(trust, int) else _first_stranger(chain, trust)
    scheme = _last(headers.get(b"x-forwarded-proto", b"")).lower()
    host = _last(headers.get(b"x-forwarded-host", b"")) or None
    return Sender(address, "https" if scheme == b"https" else peer.scheme, host)


def _first_stranger(chain: Sequence[str], trust: Trust) -> str:
    """Return the rightmost address that is not one of ours; the leftmost when all are."""
    return next((address for address in reversed(chain) if not _is_trusted(address, trust)), chain[0])


def _is_trusted(address: str, trust: Trust) -> bool:
    found = _address(address)
    return found is not None and not isinstance(trust, int) and any(found in network for network in trust)


def _addresses(header: bytes) -> list[str]:
    """Return the addresses at the right end of the header; what stands before something else is not believed."""
    found: list[str] = []
    for part in reversed(header.decode("latin-1").split(",")[-MOST_HOPS:]):
        address = _address(_without_port(part.strip()))
        if address is None:
            break
        found.append(str(address))
    return found[::-1]


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _last(header: bytes) -> bytes:
    return header.rpartition(b",")[2].strip()
