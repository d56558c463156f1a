"""A tenant's rules, and how far its identifiers have been judged by them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.identity.domain.identifiers import Kind
from services.identity.domain.tenant_rules import TenantRules

_RULES = """
select version, limits::text as limits, blocked_values, phone_country_code, command_id::text as command_id,
    superseded::text[] as superseded, judged_to, judge_to
from rules where tenant_id = $1
"""
_SAVE = """
insert into rules (tenant_id, version, limits, blocked_values, phone_country_code, command_id, changed_by,
                   judged_to, judge_to, superseded)
values ($1, $2, $3::text::jsonb, $4, $5, $6, $7, 0, $8, '{}')
on conflict (tenant_id) do update
set version = excluded.version, limits = excluded.limits, blocked_values = excluded.blocked_values,
    phone_country_code = excluded.phone_country_code, command_id = excluded.command_id,
    changed_by = excluded.changed_by, changed_at = now(), judged_to = 0, judge_to = excluded.judge_to,
    superseded = case when rules.judged_to < rules.judge_to
        then rules.superseded || rules.command_id else '{}' end
"""
_JUDGED = "update rules set judged_to = $2 where tenant_id = $1"
# A group has a member that is not its first one; where none is left to judge, neither is the group.
_TO_JUDGE = """
select count(distinct cluster) from identifiers
where tenant_id = $1 and cluster <> nid and nid > $2 and nid <= $3
"""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules, and which identifiers are still to be judged by them."""

    rules: TenantRules
    # The command that put them; "" for the defaults.
    command_id: str = ""
    # Commands whose judging these rules have cut short.
    superseded: Sequence[str] = ()
    # All nids up to the first are judged; all up to the second have to be.
    judged_to: int = 0
    judge_to: int = 0


async def load_rules(connection: asyncpg.Connection, tenant_id: str) -> RulesInForce:
    """The defaults where the tenant has none of its own."""
    row = await connection.fetchrow(_RULES, tenant_id)
    if row is None:
        return RulesInForce(TenantRules())
    limits = {Kind(int(kind)): limit for kind, limit in json.loads(row["limits"]).items()}
    rules = TenantRules(limits, tuple(row["blocked_values"]), row["phone_country_code"], row["version"])
    return RulesInForce(rules, row["command_id"], row["superseded"], row["judged_to"], row["judge_to"])


async def save_rules(
    connection: asyncpg.Connection,
    tenant_id: str,
    rules: TenantRules,
    *,
    command_id: str,
    actor: str,
    judge_to: int,
) -> None:
    """Put rules into force, with everything up to `judge_to` still to be judged by them."""
    await connection.execute(
        _SAVE,
        tenant_id,
        rules.version,
        json.dumps({int(kind): limit for kind, limit in rules.limits.items()}),
        list(rules.blocked_values),
        rules.phone_country_code,
        command_id,
        actor,
        judge_to,
    )


async def save_judged(connection: asyncpg.Connection, tenant_id: str, judged_to: int) -> None:
    """How far the judging has come."""
    await connection.execute(_JUDGED, tenant_id, judged_to)


async def count_groups_to_judge(
    connection: asyncpg.Connection, tenant_id: str, in_force: RulesInForce
) -> int:
    """Groups of identifiers that are not judged by the rules in force yet."""
    if in_force.judged_to >= in_force.judge_to:
        return 0
    count: int = await connection.fetchval(_TO_JUDGE, tenant_id, in_force.judged_to, in_force.judge_to)
    return count
