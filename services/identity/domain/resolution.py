"""One tenant's batch from sifted messages to what must be saved: the steps between the tables' answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.identity.domain.arrivals import SERVER, Sifted
from services.identity.domain.decisions import MessageDecision
from services.identity.domain.identifiers import Identifier, Kind
from services.identity.domain.partition import Link, Member, Pair, Settlement, Sighting, pair_of


@dataclass(frozen=True, slots=True)
class NewIdentifier:
    """An identifier nobody had named before."""

    nid: int
    kind: Kind
    value: str
    # UTC milliseconds: the time of the event that first named it.
    first_seen_at_ms: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Why identifiers moved: the links that said so, and who went from where to where."""

    links: list[Link]
    nids: list[int]
    from_profiles: list[int]
    to_profiles: list[int]
    # "events", "link", "unlink", "restore", "rules".
    cause: str = "events"
    # Who asked for it; "" for events.
    actor: str = ""


@dataclass(slots=True)
class Numbering:
    """Dense numbers for identifiers; `known` grows as new ones are met."""

    high_water: int
    known: dict[Identifier, int] = field(default_factory=dict)
    new: list[NewIdentifier] = field(default_factory=list)

    def number(self, identifier: Identifier, occurred_at_ms: int) -> int:
        nid = self.known.get(identifier)
        if nid is None:
            self.high_water += 1
            nid = self.known[identifier] = self.high_water
            self.new.append(NewIdentifier(nid, *identifier, occurred_at_ms))
        return nid


_NOBODY: frozenset[Identifier] = frozenset()


def sightings(batch: Sequence[Sifted], numbering: Numbering) -> dict[Pair, Sighting]:
    """Number every identifier of the batch in order, and find who was seen with whom first."""
    found: dict[Pair, Sighting] = {}
    for message in batch:
        arrivals = message.arrivals
        for row, identifiers in message.named:
            occurred_at_ms = arrivals.timestamps_ms[row]
            primary = numbering.number(identifiers[0], occurred_at_ms)
            message.nids[row] = primary
            if len(identifiers) == 1:
                continue
            server = arrivals.source_kinds[row] == SERVER
            sure = _NOBODY if server else message.trusted.get(row, _NOBODY)
            for index, other in enumerate(identifiers[1:], 1):
                claimed = 0 if server or (identifiers[0] in sure and other in sure) else 1
                pair = pair_of(primary, numbering.number(other, occurred_at_ms))
                sighting = (claimed, occurred_at_ms, arrivals.message_ids[row], index)
                if pair not in found or sighting < found[pair]:
                    found[pair] = sighting
    return found


def changed_links(found: Mapping[Pair, Sighting], stored: Mapping[Pair, Link]) -> list[Link]:
    """The links to judge: unknown pairs, and known ones now seen earlier in order than before."""
    changed = []
    for pair, sighting in found.items():
        link = stored.get(pair)
        if link is None:
            changed.append(Link(*pair, sighting))
        elif sighting < link.sighting:
            changed.append(replace(link, sighting=sighting))
    return changed


def message_decision(message: Sifted) -> MessageDecision:
    """The outcome of one message, when all its identifiers have numbers."""
    size = len(message.fresh)
    nids = np.zeros(size, dtype="<u4")
    kinds = np.zeros(size, dtype=np.uint8)
    fresh = np.array(message.fresh, dtype=np.bool_)
    nids[fresh] = [nid for nid, new in zip(message.nids, message.fresh, strict=True) if new]
    kinds[fresh] = Kind.ANONYMOUS_ID
    for row, identifiers in message.named:
        kinds[row] = identifiers[0][0]
    return MessageDecision(
        message.arrivals.place,
        nids.tobytes(),
        kinds.tobytes(),
        message.faults,
        suppressed=message.suppressed,
    )


def ledger_entries(
    settlement: Settlement, before: Mapping[int, Member], new_links: Iterable[Link]
) -> list[LedgerEntry]:
    """One entry for each cluster in which somebody's profile changed."""
    cluster_of = {nid: member.cluster for nid, member in before.items()}
    cluster_of |= {member.nid: member.cluster for member in settlement.members}
    entries: dict[int, LedgerEntry] = {}
    for member in settlement.members:
        was = before[member.nid].profile_id
        if was != member.profile_id:
            entry = entries.setdefault(member.cluster, LedgerEntry([], [], [], []))
            entry.nids.append(member.nid)
            entry.from_profiles.append(was)
            entry.to_profiles.append(member.profile_id)
    for link in new_links:
        if cluster_of[link.a] in entries and cluster_of[link.a] == cluster_of[link.b]:
            entries[cluster_of[link.a]].links.append(link)
    return list(entries.values())
