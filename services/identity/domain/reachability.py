"""By which channels a person may be sent messages, and why not by the others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.identity.domain.consent import Consent
from services.identity.domain.facts import ChannelReach
from services.identity.domain.identifiers import Kind

# Channels with the kind of address they need; a channel's consent is the purpose of the same name.
CHANNELS: Mapping[str, Kind] = {"email": Kind.EMAIL, "sms": Kind.PHONE, "line": Kind.LINE_ID}
ADDRESS_KINDS = frozenset(CHANNELS.values())

NO_ADDRESS = "NO_ADDRESS"
NO_CONSENT = "NO_CONSENT"
DENIED = "DENIED"
SUPPRESSED = "SUPPRESSED"
UNDELIVERABLE = "UNDELIVERABLE"


@dataclass(frozen=True, slots=True)
class Address:
    """One e-mail address, phone number or LINE id of a person."""

    nid: int
    kind: Kind
    value: str
    first_seen_at_ms: int
    deliverable: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of one person; `address` is where messages go, "" when they may not."""

    reach: ChannelReach
    address: str


# What somebody is whose reachability was never announced.
UNREACHABLE: Sequence[ChannelReach] = [ChannelReach(name, False, NO_ADDRESS) for name in CHANNELS]


def channels(addresses: Collection[Address], said: Iterable[Consent], *, suppressed: bool) -> list[Channel]:
    """Every channel of somebody; `said` are their consents, one a purpose."""
    granted = {consent.purpose: consent.granted for consent in said}
    found = []
    for name, kind in CHANNELS.items():
        ours = [address for address in addresses if address.kind is kind]
        reason = SUPPRESSED if suppressed else _obstacle(ours, granted.get(name))
        address = "" if reason else _newest(ours)
        found.append(Channel(ChannelReach(name, not reason, reason), address))
    return found


def _obstacle(addresses: Sequence[Address], granted: bool | None) -> str:
    """The first that keeps messages from arriving; "" for none."""
    if not addresses:
        return NO_ADDRESS
    if granted is None:
        return NO_CONSENT
    if not granted:
        return DENIED
    return "" if any(address.deliverable for address in addresses) else UNDELIVERABLE


def _newest(addresses: Sequence[Address]) -> str:
    """People are reached where they were heard of last."""
    deliverable = [address for address in addresses if address.deliverable]
    return max(deliverable, key=lambda address: (address.first_seen_at_ms, address.nid)).value
