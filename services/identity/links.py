"""Joining and parting people by a teammate's word: commands to the writer."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.identity.commands import Applied, Command, Handler
from services.identity.contacts import changed_reachability
from services.identity.domain.decisions import remap_parts
from services.identity.domain.partition import Link, Pair, pair_of
from services.identity.errors import (
    IdentifierNotFound,
    LedgerEntryNotFound,
    LinkNotFound,
    LinkWithdrawn,
)
from services.identity.judging import Judge
from services.identity.store.lane import Lane
from services.identity.store.queries.changes import save_ledger, save_withdrawn
from services.identity.store.queries.known import load_clusters, load_links, load_values
from services.identity.store.queries.ledger import load_entry_pairs
from services.identity.tenants import Tenant

LINK = "link"
UNLINK = "unlink"
RESTORE_LINKS = "restore_links"

# What begins the message id of a link that no event said.
SAID_BY_TEAMMATE = "link:"


def handlers() -> Mapping[str, Handler]:
    """By the command's kind."""
    return {LINK: link, UNLINK: unlink, RESTORE_LINKS: restore_links}


async def link(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: a, b (nids). Judged like the link of a secret key's event of this moment; it may be refused."""
    pair = pair_of(command.body["a"], command.body["b"])
    known = await load_values(lane, tenant.tenant_id, pair)
    for nid in pair:
        if nid not in known:
            raise IdentifierNotFound("There is no identifier with this number.", nid=nid)
    stored = (await load_links(lane, tenant.tenant_id, [pair])).get(pair)
    if stored is not None and stored.withdrawn:
        raise LinkWithdrawn(
            "This link was withdrawn; restore it to join the two again.", a=pair[0], b=pair[1]
        )
    sighting = (0, time.time_ns() // 1_000_000, f"{SAID_BY_TEAMMATE}{command.command_id}", 0)
    if stored is not None and stored.sighting < sighting:
        # Something at least as good has said so before.
        return Applied(_answer([pair]))
    judge = Judge(lane, tenant.tenant_id, tenant.rules)
    said = Link(*pair, sighting)
    await judge.join([said])
    tenant.pairs.put(pair, sighting)
    return await _applied(lane, tenant, command, judge, changed=[said], named=[said])


async def unlink(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: pairs, and ledger_entry or 0. Those that are withdrawn already stay so."""
    pairs = [pair_of(first, second) for first, second in command.body["pairs"]]
    entry = command.body["ledger_entry"]
    if entry:
        said = await load_entry_pairs(lane, tenant.tenant_id, entry)
        if not said:
            raise LedgerEntryNotFound("No entry of the ledger with this number names a link.", entry=entry)
        # A link of the entry may be gone with a person who was erased.
        pairs += (await load_links(lane, tenant.tenant_id, said)).keys()
    links = await _stored(lane, tenant, pairs)
    withdrawn = [one for one in links if not one.withdrawn]
    await save_withdrawn(
        lane, tenant.tenant_id, [one.pair for one in withdrawn], withdrawn=True, actor=command.actor
    )
    judge = Judge(lane, tenant.tenant_id, tenant.rules)
    await judge.part(await load_clusters(lane, tenant.tenant_id, _ends(withdrawn)))
    return await _applied(lane, tenant, command, judge, changed=withdrawn, named=links)


async def restore_links(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: pairs. Those that are not withdrawn stay as they are."""
    links = await _stored(lane, tenant, [pair_of(first, second) for first, second in command.body["pairs"]])
    restored = [replace(one, withdrawn=False) for one in links if one.withdrawn]
    await save_withdrawn(
        lane, tenant.tenant_id, [one.pair for one in restored], withdrawn=False, actor=command.actor
    )
    judge = Judge(lane, tenant.tenant_id, tenant.rules)
    await judge.join(restored)
    return await _applied(lane, tenant, command, judge, changed=restored, named=links)


async def _stored(lane: Lane, tenant: Tenant, pairs: Collection[Pair]) -> list[Link]:
    known = await load_links(lane, tenant.tenant_id, list(pairs))
    for pair in pairs:
        if pair not in known:
            raise LinkNotFound("These two identifiers were never linked.", a=pair[0], b=pair[1])
    return list(known.values())


async def _applied(
    lane: Lane,
    tenant: Tenant,
    command: Command,
    judge: Judge,
    *,
    changed: Sequence[Link],
    named: Sequence[Link],
) -> Applied:
    moved = judge.moved()
    if changed:
        entry = judge.entry(
            command.kind if command.kind != RESTORE_LINKS else "restore", command.actor, changed
        )
        await save_ledger(
            lane, tenant.tenant_id, [entry], map_version=tenant.map_version + remap_parts(moved)
        )
    facts = await changed_reachability(
        lane, tenant.tenant_id, judge.concerned(), tenant.suppressed.fingerprints
    )
    return Applied(_answer([one.pair for one in named]), moved=moved, facts=facts)


def _answer(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {"pairs": [list(pair) for pair in pairs]}


def _ends(links: Sequence[Link]) -> set[int]:
    return {nid for one in links for nid in one.pair}
