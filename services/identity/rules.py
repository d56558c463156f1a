"""Changing a tenant's rules: a command to the writer that goes on until every group is judged by them."""

from collections.abc import Mapping
from functools import partial

from services.identity.commands import Applied, Command, Handler
from services.identity.contacts import changed_reachability
from services.identity.domain.decisions import remap_parts
from services.identity.domain.identifiers import Rules
from services.identity.domain.tenant_rules import tenant_rules
from services.identity.errors import RulesChanged
from services.identity.judging import Judge
from services.identity.store.lane import Lane
from services.identity.store.queries.changes import save_ledger
from services.identity.store.queries.groups import load_blocked, load_seeds
from services.identity.store.queries.known import load_clusters
from services.identity.store.queries.rules import RulesInForce, load_rules, save_judged, save_rules
from services.identity.tenants import Tenant

PUT_RULES = "put_rules"

# Identifiers looked at in one transaction; the events of all tenants wait meanwhile.
_AT_ONCE = 2_000


def handlers(defaults: Rules) -> Mapping[str, Handler]:
    """By the command's kind; `defaults` hold where a tenant says nothing."""
    return {PUT_RULES: partial(put_rules, defaults)}


async def put_rules(defaults: Rules, lane: Lane, tenant: Tenant, command: Command) -> Applied:
    """Body: version, limits ([kind, limit] each), blocked_values, phone_country_code.

    New events are judged by the new rules at once, and group after group follows. Events may connect groups
    meanwhile: whatever is not judged yet keeps a member beyond the place that was reached, so it comes up.
    """
    in_force = await load_rules(lane, tenant.tenant_id)
    if command.command_id in in_force.superseded:
        return Applied({"version": in_force.rules.version})
    if in_force.command_id == command.command_id:
        return await _judge_some(lane, tenant, command, in_force)
    body = command.body
    if in_force.rules.version != body["version"]:
        raise RulesChanged(
            "The rules were changed meanwhile. Load them again and repeat your change.",
            version=in_force.rules.version,
        )
    rules = tenant_rules(
        [(kind, limit) for kind, limit in body["limits"]],
        body["blocked_values"],
        body["phone_country_code"],
        body["version"] + 1,
    )
    await save_rules(
        lane,
        tenant.tenant_id,
        rules,
        command_id=command.command_id,
        actor=command.actor,
        judge_to=tenant.nid_high_water,
    )
    tenant.rules = rules.complete(defaults)
    # They answer for values as they come, which may be blocked or written differently from now on.
    tenant.anonymous.clear()
    tenant.named.clear()
    return Applied({"version": rules.version}, unfinished=tenant.nid_high_water > 0)


async def _judge_some(lane: Lane, tenant: Tenant, command: Command, in_force: RulesInForce) -> Applied:
    """Judge the groups with a member in the next range of nids."""
    result = {"version": in_force.rules.version}
    after, to = in_force.judged_to, min(in_force.judged_to + _AT_ONCE, in_force.judge_to)
    judge = Judge(lane, tenant.tenant_id, tenant.rules)
    seeds = await load_seeds(lane, tenant.tenant_id, after, to)
    if seeds:
        await judge.part(await load_clusters(lane, tenant.tenant_id, seeds))
    await judge.lift(await load_blocked(lane, tenant.tenant_id, after, to))
    moved = judge.moved()
    entries = judge.entries("rules", command.actor)
    await save_ledger(lane, tenant.tenant_id, entries, map_version=tenant.map_version + remap_parts(moved))
    await save_judged(lane, tenant.tenant_id, to)
    facts = await changed_reachability(
        lane, tenant.tenant_id, judge.concerned(), tenant.suppressed.fingerprints
    )
    return Applied(result, moved=moved, facts=facts, unfinished=to < in_force.judge_to)
