"""Erasures: what is deleted of a person, and what is kept of the erasure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.identity.domain.identifiers import Identifier, Kind
from services.identity.domain.partition import Pair

_PROFILE_OF = "select profile_id from identifiers where tenant_id = $1 and nid = $2"
_NID_OF = "select nid from identifiers where tenant_id = $1 and kind = $2 and value = $3"
_IDENTIFIERS = (
    "delete from identifiers where tenant_id = $1 and nid = any ($2::integer[]) returning kind, value"
)
_LINKS_FROM = "delete from links where tenant_id = $1 and a = any ($2::integer[]) returning a, b"
_LINKS_TO = "delete from links where tenant_id = $1 and b = any ($2::integer[]) returning a, b"

_ENTRIES = "delete from ledger_nids where tenant_id = $1 and nid = any ($2::integer[]) returning entry"
_LEDGER_NIDS = """
delete from ledger_nids where tenant_id = $1 and nid = any (array(
    select unnest(nids || link_a || link_b) from ledger where tenant_id = $1 and entry = any ($2::bigint[])
)) and entry = any ($2::bigint[])
"""
_LEDGER = "delete from ledger where tenant_id = $1 and entry = any ($2::bigint[])"
_STATEMENTS = "delete from consent_statements where tenant_id = $1 and nid = any ($2::integer[])"
_CONSENTS = "delete from consents where tenant_id = $1 and nid = any ($2::integer[])"
_REPORTS = "delete from address_reports where tenant_id = $1 and fingerprint = any ($2::bytea[])"

# Identifiers whose value has one of these fingerprints, without the service's help: for a restored database.
_NIDS_OF_FINGERPRINTS = """
select nid from identifiers where tenant_id = $1 and sha256(
    convert_to(tenant_id::text, 'UTF8') || '\\x00'::bytea || convert_to(kind::text, 'UTF8')
    || '\\x00'::bytea || convert_to(value, 'UTF8')
) = any ($2::bytea[])
"""

_SAVE = """
with queued as (
    insert into erasure_queue (tenant_id, erasure_id) values ($1, $2)
)
insert into erasures
    (tenant_id, erasure_id, profile_id, nids, fingerprints, kinds, requested_at, actor, suppressed)
values ($1, $2, $3, $4, $5, $6, coalesce($7, date_trunc('milliseconds', now())), $8, $9)
returning requested_at
"""
_KNOWN = "select requested_at from erasures where tenant_id = $1 and erasure_id = $2"
_ERASED = "select fingerprints, requested_at from erasures where tenant_id = $1"
_ERASED_NIDS = "select distinct each from erasures, unnest(nids) as each where tenant_id = $1"
_HIGH_WATER = "select coalesce(max(each), 0) from erasures, unnest(nids) as each where tenant_id = $1"


@dataclass(frozen=True, slots=True)
class NewErasure:
    """An erasure that is being applied."""

    erasure_id: str
    profile_id: int
    nids: Sequence[int]
    fingerprints: Sequence[bytes]
    # One a fingerprint.
    kinds: Sequence[Kind]
    actor: str
    suppressed: bool
    # None: now.
    requested_at: datetime | None = None


async def load_profile_id(connection: asyncpg.Connection, tenant_id: str, nid: int) -> int | None:
    """The profile that a nid belongs to."""
    found: int | None = await connection.fetchval(_PROFILE_OF, tenant_id, nid)
    return found


async def load_nid(connection: asyncpg.Connection, tenant_id: str, identifier: Identifier) -> int | None:
    found: int | None = await connection.fetchval(_NID_OF, tenant_id, int(identifier[0]), identifier[1])
    return found


async def load_nids_of(
    connection: asyncpg.Connection, tenant_id: str, fingerprints: Sequence[bytes]
) -> set[int]:
    """Reads all identifiers of the tenant."""
    return {row["nid"] for row in await connection.fetch(_NIDS_OF_FINGERPRINTS, tenant_id, fingerprints)}


async def delete_identifiers(
    connection: asyncpg.Connection, tenant_id: str, nids: Collection[int]
) -> tuple[list[Identifier], set[Pair]]:
    """With their links, what was said of them, and every entry of the ledger that names one.

    What was deleted: the identifiers, and the pairs that were linked.
    """
    gone = list(nids)
    rows = await connection.fetch(_IDENTIFIERS, tenant_id, gone)
    links = await connection.fetch(_LINKS_FROM, tenant_id, gone)
    links += await connection.fetch(_LINKS_TO, tenant_id, gone)
    entries = {row["entry"] for row in await connection.fetch(_ENTRIES, tenant_id, gone)}
    for statement in (_LEDGER_NIDS, _LEDGER):
        await connection.execute(statement, tenant_id, list(entries))
    for statement in (_STATEMENTS, _CONSENTS):
        await connection.execute(statement, tenant_id, gone)
    return [(Kind(row["kind"]), row["value"]) for row in rows], {(row["a"], row["b"]) for row in links}


async def delete_reports(
    connection: asyncpg.Connection, tenant_id: str, fingerprints: Sequence[bytes]
) -> None:
    """What was reported of addresses with these fingerprints."""
    await connection.execute(_REPORTS, tenant_id, fingerprints)


async def save_erasure(connection: asyncpg.Connection, tenant_id: str, new: NewErasure) -> datetime:
    """When it was requested, by the database's clock."""
    requested_at: datetime = await connection.fetchval(
        _SAVE,
        tenant_id,
        new.erasure_id,
        new.profile_id,
        list(new.nids),
        list(new.fingerprints),
        [int(kind) for kind in new.kinds],
        new.requested_at,
        new.actor,
        new.suppressed,
    )
    return requested_at


async def is_erased(connection: asyncpg.Connection, tenant_id: str, erasure_id: str) -> bool:
    """Whether this erasure was applied."""
    return await connection.fetchval(_KNOWN, tenant_id, erasure_id) is not None


async def load_erased(
    connection: asyncpg.Connection, tenant_id: str
) -> list[tuple[Sequence[bytes], datetime]]:
    """The fingerprints of every erasure of the tenant, with the time of its request."""
    rows = await connection.fetch(_ERASED, tenant_id)
    return [(row["fingerprints"], row["requested_at"]) for row in rows]


async def load_highest_erased(connection: asyncpg.Connection, tenant_id: str) -> int:
    """The highest nid that was erased: it is never used again, even where the tables know no higher one."""
    highest: int = await connection.fetchval(_HIGH_WATER, tenant_id)
    return highest


async def load_erased_nids(connection: asyncpg.Connection, tenant_id: str) -> set[int]:
    """Every nid of everybody who was erased."""
    return {row["each"] for row in await connection.fetch(_ERASED_NIDS, tenant_id)}
