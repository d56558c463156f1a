"""Where a request comes from when proxies that we know stand in front of us."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> list[Network]:
    """Networks or single addresses with commas between them; raises ValueError."""
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The nearest address that no proxy of ours has; `forwarded` is X-Forwarded-For from left to right.

    Each proxy adds whom it saw at the right. What stands left of the first stranger may be invented by them.
    """
    nearest = peer
    for told in reversed(forwarded):
        if not _within(nearest, trusted):
            break
        if _parsed(told) is None:
            break
        nearest = told
    return nearest


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _within(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(
        parsed.version == network.version and parsed in network for network in trusted
    )
