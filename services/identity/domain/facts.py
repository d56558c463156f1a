"""What identity tells the other services besides events and map changes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProfileErased:
    """A person is gone; none of these nids is used again."""

    erasure_id: str
    profile_id: int
    nids: Sequence[int]


@dataclass(frozen=True, slots=True)
class ChannelReach:
    """Whether messages of a channel ("email", "sms", "line") reach a profile; `reason` says why not."""

    channel: str
    reachable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReachabilityChanged:
    """The channels of one profile from now on."""

    profile_id: int
    channels: Sequence[ChannelReach]


@dataclass(frozen=True, slots=True)
class TenantForgotten:
    """Everything of the tenant is to be deleted."""

    deletion_id: str


Fact = ProfileErased | ReachabilityChanged | TenantForgotten
