"""One tenant in the writer: what it remembers between batches, and the way of a batch through it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.identity.domain.arrivals import Arrivals, Fault, Sifted, sifted
from services.identity.domain.decisions import Decision, MessageDecision, Moved
from services.identity.domain.identifiers import Identifier, Kind, Rules
from services.identity.domain.partition import Link, Member, Pair, Settlement, Sighting, grown, settled
from services.identity.domain.recent import Recent
from services.identity.domain.resolution import (
    Numbering,
    changed_links,
    ledger_entries,
    message_decision,
    sightings,
)
from services.identity.domain.seen import Seen
from services.identity.store.lane import Lane
from services.identity.store.queries.batch import Outcome, save_outcome
from services.identity.store.queries.known import load_clusters, load_links, load_links_from, load_nids
from services.identity.store.queries.progress import join_seen, load_marks, load_seen

# Rows of the seen log that are joined into one, unless that one became too large to handle.
_LOG_FAN_IN = 32
_LOG_ROW_BYTES = 64 * 1024 * 1024
# Above this a merge of seen keys is felt, so it runs beside the batches.
_LONG_MERGE_KEYS = 500_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is not what its topic promises."""

    place: int
    detail: str


@dataclass(slots=True)
class LogLevel:
    """How many rows of a level the seen log has, and their size."""

    rows: int = 0
    size: int = 0


@dataclass(slots=True)
class Tenant:
    """What the writer remembers of a tenant; true only while every batch was committed."""

    tenant_id: str
    rules: Rules
    nid_high_water: int
    map_version: int
    # Last place that the bus already has resolved; beyond the tables only after a restore.
    published_to: int
    anonymous: Recent[str, int]
    named: Recent[Identifier, int]
    pairs: Recent[Pair, Sighting]
    seen: Seen = field(default_factory=Seen)
    log: dict[int, LogLevel] = field(default_factory=dict)
    merging: "asyncio.Task[None] | None" = None


@dataclass(frozen=True, slots=True)
class OnBus:
    """What the bus holds of a tenant's resolved events."""

    published_to: int = 0
    nid_high_water: int = 0


_NOTHING = OnBus()


async def new_tenant(
    connection: Lane, tenant_id: str, rules: Rules, on_bus: OnBus = _NOTHING, cached: int = 10_000
) -> Tenant:
    """A tenant as the tables have it, without the keys of its counted events.

    A restored database skips nids that the bus has seen in use.
    """
    high_water, map_version = await load_marks(connection, tenant_id)
    return Tenant(
        tenant_id,
        rules,
        max(high_water, on_bus.nid_high_water),
        map_version,
        on_bus.published_to,
        Recent(cached),
        Recent(cached),
        Recent(cached),
    )


async def load_tenant(connection: Lane, tenant_id: str, rules: Rules, on_bus: OnBus, cached: int) -> Tenant:
    """A tenant as the tables have it, with the keys of all its counted events."""
    tenant = await new_tenant(connection, tenant_id, rules, on_bus, cached)
    keys = []
    async for level, row in load_seen(connection, tenant_id):
        keys.append(row)
        _count_row(tenant, level, len(row))
    await asyncio.to_thread(tenant.seen.load, b"".join(keys))
    return tenant


async def resolve(connection: Lane, tenant: Tenant, batch: Sequence[Arrivals | Unreadable]) -> Decision:
    """Decide a tenant's batch and save it; the caller commits."""
    messages = [
        sifted(arrivals, tenant.anonymous, tenant.seen, tenant.rules)
        for arrivals in batch
        if isinstance(arrivals, Arrivals)
    ]
    numbering = await _numbering(connection, tenant, messages)
    found = sightings(messages, numbering)
    links = await _links_to_judge(connection, tenant, numbering, found)
    members, settlement = await _judge(connection, tenant, numbering, links)
    _remember(tenant, numbering, found)
    moved = _announced(numbering, members, settlement)
    tenant.map_version += bool(moved)
    decision = Decision(
        batch[-1].place,
        tenant.nid_high_water,
        tenant.map_version,
        moved,
        _message_decisions(batch, messages),
    )
    outcome = Outcome(
        decision.accepted_to,
        decision.nid_high_water,
        decision.map_version,
        numbering.new,
        settlement.members,
        settlement.links,
        ledger_entries(settlement, members, links),
        b"".join(message.keys for message in messages),
        decision.encoded(),
        **_counts(decision, messages),
    )
    await save_outcome(connection, tenant.tenant_id, outcome)
    if outcome.seen_keys:
        await _tend_log(connection, tenant, len(outcome.seen_keys))
    return decision


async def _numbering(connection: Lane, tenant: Tenant, messages: Sequence[Sifted]) -> Numbering:
    """Numbers at hand or in the tables for all identifiers that a look-up has not answered yet."""
    numbering = Numbering(tenant.nid_high_water)
    missing = []
    wanted = {identifier: None for message in messages for _, named in message.named for identifier in named}
    for identifier in wanted:
        kind, value = identifier
        nid = tenant.anonymous.get(value) if kind is Kind.ANONYMOUS_ID else tenant.named.get(identifier)
        if nid is None:
            missing.append(identifier)
        else:
            numbering.known[identifier] = nid
    if missing and tenant.nid_high_water:
        numbering.known |= await load_nids(connection, tenant.tenant_id, missing)
    return numbering


async def _links_to_judge(
    connection: Lane, tenant: Tenant, numbering: Numbering, found: Mapping[Pair, Sighting]
) -> list[Link]:
    """Links of pairs that are new or were now seen earlier in order than before."""
    open_pairs = {}
    for pair, sighting in found.items():
        known = tenant.pairs.get(pair)
        if known is None or sighting < known:
            open_pairs[pair] = sighting
    new = {identifier.nid for identifier in numbering.new}
    ask = [pair for pair in open_pairs if pair[0] not in new and pair[1] not in new]
    stored = await load_links(connection, tenant.tenant_id, ask) if ask else {}
    for pair, link in stored.items():
        tenant.pairs.put(pair, link.sighting)
    return changed_links(open_pairs, stored)


async def _judge(
    connection: Lane, tenant: Tenant, numbering: Numbering, links: Sequence[Link]
) -> tuple[dict[int, Member], Settlement]:
    """The identifiers concerned as they stood, and what the links change."""
    if not links:
        return {}, Settlement([], [])
    ends = {nid for link in links for nid in link.pair}
    members = {
        identifier.nid: Member(identifier.nid, identifier.kind, identifier.nid, identifier.nid)
        for identifier in numbering.new
        if identifier.nid in ends
    }
    if len(members) < len(ends):
        members |= await load_clusters(connection, tenant.tenant_id, ends - members.keys())
    growth = grown(members, links, tenant.rules)
    contested = [nid for cluster in growth.contested for nid in growth.clusters[cluster]]
    stored = await load_links_from(connection, tenant.tenant_id, contested) if contested else []
    return members, settled(members, growth, stored, tenant.rules)


def _remember(tenant: Tenant, numbering: Numbering, found: Mapping[Pair, Sighting]) -> None:
    tenant.nid_high_water = numbering.high_water
    for identifier, nid in numbering.known.items():
        if identifier[0] is Kind.ANONYMOUS_ID:
            tenant.anonymous.put(identifier[1], nid)
        else:
            tenant.named.put(identifier, nid)
    for pair, sighting in found.items():
        known = tenant.pairs.get(pair)
        if known is None or sighting < known:
            tenant.pairs.put(pair, sighting)


def _announced(numbering: Numbering, before: Mapping[int, Member], settlement: Settlement) -> list[Moved]:
    """Every identifier that moved, and every new member, once."""
    moved = {
        member.nid: Moved(member.nid, int(member.kind), member.profile_id)
        for member in settlement.members
        if before[member.nid].profile_id != member.profile_id
    }
    for identifier in numbering.new:
        if identifier.kind is Kind.USER_ID and identifier.nid not in moved:
            moved[identifier.nid] = Moved(identifier.nid, int(identifier.kind), identifier.nid)
    return list(moved.values())


def _message_decisions(
    batch: Sequence[Arrivals | Unreadable], messages: Sequence[Sifted]
) -> list[MessageDecision]:
    decided = {message.arrivals.place: message_decision(message) for message in messages}
    return [
        decided[entry.place]
        if isinstance(entry, Arrivals)
        else MessageDecision(
            entry.place, b"", b"", [Fault(0, "MESSAGE_UNREADABLE", entry.detail)], unreadable=True
        )
        for entry in batch
    ]


def _counts(decision: Decision, messages: Sequence[Sifted]) -> dict[str, int]:
    counted = sum(message.counted for message in decision.messages)
    set_aside = sum(len(message.faults) for message in decision.messages)
    unreadable = sum(message.unreadable for message in decision.messages)
    received = sum(len(message.arrivals) for message in messages) + unreadable
    return {
        "received": received,
        "counted": counted,
        "duplicates": received - counted - set_aside,
        "set_aside": set_aside,
    }


def _count_row(tenant: Tenant, level: int, size: int) -> None:
    entry = tenant.log.setdefault(level, LogLevel())
    entry.rows += 1
    entry.size += size


async def _tend_log(connection: Lane, tenant: Tenant, size: int) -> None:
    """Count a new row of the log, and join rows where a level has many."""
    _count_row(tenant, 0, size)
    level = 0
    while tenant.log[level].rows >= _LOG_FAN_IN and tenant.log[level].size <= _LOG_ROW_BYTES:
        await join_seen(connection, tenant.tenant_id, level)
        joined = tenant.log.pop(level).size
        level += 1
        _count_row(tenant, level, joined)


async def tend_seen(tenant: Tenant) -> None:
    """Keep look-ups of seen keys fast; a long merge goes on beside the next batches."""
    if tenant.merging is not None:
        if not tenant.merging.done():
            return
        tenant.merging.result()
        tenant.merging = None
    merge = tenant.seen.due_merge()
    if merge is None:
        return
    if merge.keys < _LONG_MERGE_KEYS:
        tenant.seen.install(merge, merge.run())
        return

    async def beside() -> None:
        tenant.seen.install(merge, await asyncio.to_thread(merge.run))

    tenant.merging = asyncio.create_task(beside())
