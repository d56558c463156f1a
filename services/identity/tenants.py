"""One tenant in the writer: what it remembers between batches, and the way of a batch through it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.identity.contacts import changed_reachability, record_said
from services.identity.domain.arrivals import Arrivals, Fault, Sifted, sifted
from services.identity.domain.consent import Heard
from services.identity.domain.decisions import Decision, MessageDecision, Moved, remap_parts
from services.identity.domain.erased import Erased
from services.identity.domain.facts import Fact
from services.identity.domain.identifiers import Identifier, Kind, Rules
from services.identity.domain.partition import Link, Member, Pair, Settlement, Sighting
from services.identity.domain.reachability import ADDRESS_KINDS
from services.identity.domain.recent import Recent
from services.identity.domain.resolution import (
    Numbering,
    changed_links,
    ledger_entries,
    message_decision,
    sightings,
)
from services.identity.domain.seen import Seen
from services.identity.domain.suppression import Suppressed
from services.identity.judging import judged
from services.identity.store.lane import Lane, enter_tenant
from services.identity.store.queries.batch import Outcome, save_outcome
from services.identity.store.queries.erasures import load_erased, load_highest_erased
from services.identity.store.queries.known import load_links, load_nids
from services.identity.store.queries.progress import join_seen, load_marks, load_seen
from services.identity.store.queries.rules import load_rules
from services.identity.store.queries.suppressions import load_suppressed

# Rows of the seen log that are joined into one, unless that one became too large to handle.
_LOG_FAN_IN = 32
_LOG_ROW_BYTES = 64 * 1024 * 1024
# Above this a merge of seen keys is felt, so it runs beside the batches.
_LONG_MERGE_KEYS = 500_000


# More identifiers than a tenant can have seen between its backup and its end.
_SKIPPED_AFTER_RESTORE = 1_000_000


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
    # Restores of the database that its numbers know of.
    restores: int
    # By lane, the last place that the bus already has resolved; beyond the tables only after a restore.
    published_to: Mapping[str, int]
    # No nid above it is in use before the bus knows a higher one.
    nid_mark: int
    anonymous: Recent[str, int]
    named: Recent[Identifier, int]
    pairs: Recent[Pair, Sighting]
    # Whose earlier events are dropped.
    erased: Erased
    # Whose events are dropped.
    suppressed: Suppressed
    # What was said lately of consents.
    heard: Heard
    seen: Seen = field(default_factory=Seen)
    log: dict[int, LogLevel] = field(default_factory=dict)
    merging: "asyncio.Task[None] | None" = None
    # What the transaction in progress has to announce besides map changes; the writer takes it from here.
    facts: list[Fact] = field(default_factory=list)

    def forget(self) -> None:
        """Nothing of the tenant is left in the tables; what remains of it here are numbers and hashes."""
        self.anonymous.clear()
        self.named.clear()
        self.pairs.clear()
        self.erased = Erased(self.tenant_id)
        self.suppressed.fingerprints.clear()
        self.heard.clear()


@dataclass(frozen=True, slots=True)
class OnBus:
    """What the bus holds of a tenant."""

    # By lane.
    published_to: Mapping[str, int] = field(default_factory=dict)
    nid_high_water: int = 0
    nid_mark: int = 0
    map_version: int = 0
    # How often the database turned out to be older than what it had reported.
    restores: int = 0


_NOTHING = OnBus()


async def new_tenant(
    connection: Lane, tenant_id: str, rules: Rules, on_bus: OnBus = _NOTHING, cached: int = 10_000
) -> Tenant:
    """A tenant as the tables have it, without the keys of its counted events.

    Where it has no rules of its own, `rules` are.
    A restored database skips nids that the bus has seen in use.
    """
    marks = await load_marks(connection, tenant_id)
    high_water = max(marks.nid_high_water, on_bus.nid_high_water)
    anywhere = marks.restores >= 0 or on_bus.nid_mark > 0
    if anywhere and marks.restores < on_bus.restores:
        # Numbers up to the mark may be in use, though nothing here knows of them; and some beyond it, where
        # the bus is as old as the tables.
        high_water = max(high_water, on_bus.nid_mark) + _SKIPPED_AFTER_RESTORE
    erased = Erased(tenant_id)
    for fingerprints, requested_at in await load_erased(connection, tenant_id):
        erased.add(fingerprints, int(requested_at.timestamp() * 1000))
    own = (await load_rules(connection, tenant_id)).rules
    return Tenant(
        tenant_id,
        own.complete(rules),
        max(high_water, await load_highest_erased(connection, tenant_id)),
        max(marks.map_version, on_bus.map_version),
        on_bus.restores,
        on_bus.published_to,
        on_bus.nid_mark,
        Recent(cached),
        Recent(cached),
        Recent(cached),
        erased,
        Suppressed(tenant_id, await load_suppressed(connection, tenant_id)),
        Heard(cached),
    )


async def load_tenant(connection: Lane, tenant_id: str, rules: Rules, on_bus: OnBus, cached: int) -> Tenant:
    """A tenant as the tables have it, with the keys of all its counted events; not inside a transaction."""
    keys = []
    async with connection.transaction():
        await enter_tenant(connection, tenant_id)
        tenant = await new_tenant(connection, tenant_id, rules, on_bus, cached)
        async for level, row in load_seen(connection, tenant_id):
            keys.append(row)
            _count_row(tenant, level, len(row))
    # Sorting takes seconds for a large tenant, and the server gives up transactions that stand still.
    await asyncio.to_thread(tenant.seen.load, b"".join(keys))
    return tenant


async def resolve(
    connection: Lane, tenant: Tenant, lane: str, batch: Sequence[Arrivals | Unreadable]
) -> Decision:
    """Decide a tenant's batch of a lane and save it; the caller commits."""
    messages = [
        sifted(
            arrivals,
            tenant.anonymous,
            tenant.seen,
            tenant.rules,
            suppressed=tenant.suppressed,
            erased=tenant.erased,
        )
        for arrivals in batch
        if isinstance(arrivals, Arrivals)
    ]
    numbering = await _numbering(connection, tenant, messages)
    found = sightings(messages, numbering)
    links = await _links_to_judge(connection, tenant, numbering, found)
    members, settlement = await _judge(connection, tenant, numbering, links)
    _remember(tenant, numbering, found)
    moved = _announced(numbering, members, settlement)
    tenant.map_version += remap_parts(moved)
    decision = Decision(
        batch[-1].place,
        tenant.nid_high_water,
        tenant.map_version,
        moved,
        _message_decisions(batch, messages),
    )
    outcome = Outcome(
        lane,
        decision.accepted_to,
        tenant.restores,
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
    touched = await record_said(
        connection, tenant.tenant_id, messages, numbering.known, rules=tenant.rules, heard=tenant.heard
    )
    touched |= _reached_otherwise(tenant, numbering, members, settlement)
    tenant.facts += await changed_reachability(
        connection, tenant.tenant_id, touched, tenant.suppressed.fingerprints
    )
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
    new = {
        identifier.nid: Member(identifier.nid, identifier.kind, identifier.nid, identifier.nid)
        for identifier in numbering.new
    }
    return await judged(connection, tenant.tenant_id, tenant.rules, links, new)


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


def _reached_otherwise(
    tenant: Tenant, numbering: Numbering, before: Mapping[int, Member], settlement: Settlement
) -> set[int]:
    """Identifiers and profiles of people who may be reachable otherwise than before.

    Most merges join nobody who has an address, and cost nothing here.
    """
    touched = {identifier.nid for identifier in numbering.new if identifier.kind in ADDRESS_KINDS}
    now = dict(before) | {member.nid: member for member in settlement.members}
    addressed = {member.cluster for member in now.values() if member.kind in ADDRESS_KINDS}
    for member in settlement.members:
        was = before[member.nid].profile_id
        if was != member.profile_id and (tenant.suppressed or member.cluster in addressed):
            touched |= {member.nid, was, member.profile_id}
    return touched


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
    suppressed = sum(message.suppressed for message in messages)
    received = sum(len(message.arrivals) for message in messages) + unreadable
    return {
        "received": received,
        "counted": counted,
        "duplicates": received - counted - set_aside - suppressed,
        "set_aside": set_aside,
        "suppressed": suppressed,
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
