"""How often somebody may try to sign in, and what that is counted by."""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` tries at once, then one every `seconds_each`."""

    burst: int
    seconds_each: float


def neighbourhood(address: str) -> str:
    """What one customer of a provider has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
