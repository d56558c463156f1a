"""Erasing a person, and forgetting a tenant: commands to the writer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.identity.commands import Applied, Command, Handler
from services.identity.contacts import changed_reachability
from services.identity.domain.decisions import Moved
from services.identity.domain.facts import Fact, ProfileErased, TenantForgotten
from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Identifier, Kind, Unusable, normalised
from services.identity.errors import IdentifierNotUsable, ProfileNotFound
from services.identity.judging import Judge
from services.identity.store.lane import Lane
from services.identity.store.queries import erasures as store
from services.identity.store.queries.erasures import NewErasure
from services.identity.store.queries.forgetting import delete_some
from services.identity.store.queries.known import load_clusters
from services.identity.store.queries.suppressions import save_suppressions
from services.identity.tenants import Tenant

ERASE = "erasures.add"
# An erasure out of the ledger that a restored database has lost.
ERASE_AGAIN = "erasures.replay"
FORGET_TENANT = "tenant.forget"

_REASON = "erasure"
# Rows deleted in one transaction of a tenant that is forgotten: the others' events wait meanwhile.
_FORGOTTEN_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class _Gone:
    """What was deleted of a person, and what it changed for others."""

    identifiers: list[Identifier]
    moved: list[Moved]
    # Those who were connected with the person, by nid.
    left: Collection[int]


def handlers() -> Mapping[str, Handler]:
    """By the command's kind."""
    return {ERASE: erase, ERASE_AGAIN: erase_again, FORGET_TENANT: forget_tenant}


async def erase(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: profile_id, or kind and value; suppress.

    An identifier that nobody has is erased, too: events with it that happened before may be on their way.
    """
    body = command.body
    if await store.is_erased(lane, tenant.tenant_id, command.command_id):
        return Applied({"erasure_id": command.command_id})
    named = _named(tenant, body)
    nid: int | None = body["profile_id"]
    if named is not None:
        nid = await store.load_nid(lane, tenant.tenant_id, named)
    profile_id = await store.load_profile_id(lane, tenant.tenant_id, nid) if nid else None
    if named is None and profile_id is None:
        raise ProfileNotFound("There is no profile with this id.", profile_id=body["profile_id"])
    nids: list[int] = []
    if profile_id is not None:
        cluster = await load_clusters(lane, tenant.tenant_id, [profile_id])
        nids = sorted(member.nid for member in cluster.values() if member.profile_id == profile_id)
    gone = await _delete(lane, tenant, nids)
    kinds = {fingerprint(tenant.tenant_id, each): each[0] for each in gone.identifiers}
    if named is not None:
        kinds[fingerprint(tenant.tenant_id, named)] = named[0]
    if body["suppress"]:
        await save_suppressions(
            lane, tenant.tenant_id, list(kinds.items()), reason=_REASON, actor=command.actor
        )
        tenant.suppressed.fingerprints.update(kinds)
    erasure = NewErasure(
        command.command_id,
        profile_id or 0,
        nids,
        list(kinds),
        list(kinds.values()),
        command.actor,
        body["suppress"],
    )
    return await _erased(lane, tenant, erasure, gone)


async def erase_again(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: an entry of the ledger. Exactly what was erased then is erased, by number and by fingerprint."""
    body = command.body
    erasure_id = body["erasure_id"]
    if await store.is_erased(lane, tenant.tenant_id, erasure_id):
        return Applied({"erasure_id": erasure_id})
    fingerprints = [bytes.fromhex(each) for each in body["fingerprints"]]
    known = await load_clusters(lane, tenant.tenant_id, body["nids"])
    nids = {nid for nid in body["nids"] if nid in known}
    nids |= await store.load_nids_of(lane, tenant.tenant_id, fingerprints)
    gone = await _delete(lane, tenant, nids)
    everything = sorted({*body["nids"], *nids})
    # Numbers given since the backup may be lost; these are not given again.
    tenant.nid_high_water = max(tenant.nid_high_water, *everything, 0)
    erasure = NewErasure(
        erasure_id,
        body["profile_id"],
        everything,
        fingerprints,
        [Kind(kind) for kind in body["kinds"]],
        body["actor"],
        body["suppressed"],
        datetime.fromtimestamp(body["requested_at_ms"] / 1000, UTC),
    )
    if erasure.suppressed:
        kinds = [(each, Kind(kind)) for each, kind in zip(fingerprints, body["kinds"], strict=True)]
        await save_suppressions(lane, tenant.tenant_id, kinds, reason=_REASON, actor=erasure.actor)
        tenant.suppressed.fingerprints.update(fingerprints)
    return await _erased(lane, tenant, erasure, gone)


async def forget_tenant(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Deletes rows of every table; announced once the last is gone, so that it is the last of that tenant."""
    deleted = await delete_some(lane, tenant.tenant_id, _FORGOTTEN_AT_ONCE)
    if deleted:
        return Applied({"done": False}, unfinished=True)
    tenant.forget()
    return Applied({"done": True}, facts=[TenantForgotten(command.command_id)])


def _named(tenant: Tenant, body: Mapping[str, object]) -> Identifier | None:
    """The identifier of the request as it is stored; None where it names a profile."""
    if not body["kind"]:
        return None
    kind, value = Kind(int(str(body["kind"]))), str(body["value"])
    try:
        text = normalised(kind, value, tenant.rules)
    except Unusable as error:
        raise IdentifierNotUsable(error.detail, kind=kind.name.lower()) from error
    if text is None:
        raise IdentifierNotUsable("This value names nobody.", kind=kind.name.lower())
    return kind, text


async def _delete(lane: Lane, tenant: Tenant, nids: Collection[int]) -> _Gone:
    """Delete identifiers and all that names them; who was connected with them is judged anew."""
    if not nids:
        return _Gone([], [], [])
    members = await load_clusters(lane, tenant.tenant_id, nids)
    identifiers, pairs = await store.delete_identifiers(lane, tenant.tenant_id, nids)
    left = {nid: member for nid, member in members.items() if nid not in set(nids)}
    judge = Judge(lane, tenant.tenant_id, tenant.rules)
    if left:
        await judge.part(left, lost=True)
    for kind, value in identifiers:
        tenant.named.forget((kind, value))
        if kind is Kind.ANONYMOUS_ID:
            tenant.anonymous.forget(value)
    for pair in pairs:
        tenant.pairs.forget(pair)
    return _Gone(identifiers, judge.moved(), list(left))


async def _erased(lane: Lane, tenant: Tenant, erasure: NewErasure, gone: _Gone) -> Applied:
    await store.delete_reports(lane, tenant.tenant_id, erasure.fingerprints)
    requested_at = await store.save_erasure(lane, tenant.tenant_id, erasure)
    tenant.erased.add(erasure.fingerprints, int(requested_at.timestamp() * 1000))
    facts: list[Fact] = [ProfileErased(erasure.erasure_id, erasure.profile_id, erasure.nids)]
    concerned = {*erasure.nids, *gone.left}
    facts += await changed_reachability(lane, tenant.tenant_id, concerned, tenant.suppressed.fingerprints)
    return Applied({"erasure_id": erasure.erasure_id}, moved=gone.moved, facts=facts)
