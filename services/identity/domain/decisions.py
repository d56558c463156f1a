"""What one batch decided for one tenant, compactly: enough to publish it again after a crash."""

from collections.abc import Collection, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

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


def without(decision: Decision, erased: Collection[int]) -> Decision:
    """The decision without the events of these nids."""
    if not erased:
        return decision
    gone = np.array(sorted(erased), dtype="<u4")
    messages = [_without(message, gone) for message in decision.messages]
    return msgspec.structs.replace(decision, messages=messages)


def _without(message: MessageDecision, gone: npt.NDArray[np.uint32]) -> MessageDecision:
    nids = np.frombuffer(message.nids, dtype="<u4")
    hit = np.isin(nids, gone)
    if not hit.any():
        return message
    kinds = np.frombuffer(message.kinds, dtype=np.uint8)
    return msgspec.structs.replace(
        message, nids=np.where(hit, 0, nids).astype("<u4").tobytes(), kinds=np.where(hit, 0, kinds).tobytes()
    )
