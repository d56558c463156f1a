"""What one batch decided for one tenant, compactly: enough to publish it again after a crash."""

from collections.abc import Sequence

import msgspec

from services.identity.domain.arrivals import Fault


class MessageDecision(msgspec.Struct, array_like=True, frozen=True):
    """What became of one accepted message."""

    place: int
    # Four bytes an event, little-endian; 0 where it does not count.
    nids: bytes
    # One byte an event: the kind of that identifier.
    kinds: bytes
    faults: list[Fault]
    # The message itself could not be read; `faults` has one entry that says why.
    unreadable: bool = False
    # Events that were dropped because somebody they name is suppressed.
    suppressed: int = 0

    @property
    def counted(self) -> int:
        return len(self.kinds) - self.kinds.count(0)


class Moved(msgspec.Struct, array_like=True, frozen=True):
    """An identifier and the profile it belongs to from now on."""

    nid: int
    kind: int
    profile_id: int


# An identifier that moved takes some ten bytes: far below what a message may hold.
REMAPS_A_MESSAGE = 20_000


def remap_parts(moved: Sequence[Moved]) -> int:
    """How many messages announce these; each has a version of the map, so that it can be told to be there."""
    return -(-len(moved) // REMAPS_A_MESSAGE)


class Decision(msgspec.Struct, array_like=True, frozen=True):
    """What a batch decided for a tenant; the accepted messages supply the rest."""

    # The last place of the tenant in this batch.
    accepted_to: int
    nid_high_water: int
    # After the last part of what moved.
    map_version: int
    moved: list[Moved]
    messages: list[MessageDecision]

    def encoded(self) -> bytes:
        return msgspec.msgpack.encode(self)


def decoded(body: bytes) -> Decision:
    """The decision that was stored."""
    return msgspec.msgpack.decode(body, type=Decision)
