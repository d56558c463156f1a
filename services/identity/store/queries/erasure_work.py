"""What is left to do of erasures: keep them outside the database, note where they are, clean the files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import database_away, open_transaction, open_untenanted

_OPEN = sa.text(
    "select cast(tenant_id as text) as tenant_id, cast(erasure_id as text) as id from erasure_queue"
)
_LOAD = sa.text("""
select cast(erasure_id as text) as erasure_id, entry, profile_id, nids, fingerprints, kinds, requested_at,
    actor, suppressed, announced_at, ledgered_at, files_clean_at, applied_at
from erasures where tenant_id = :tenant_id and erasure_id = any (cast(:ids as uuid[])) order by entry
""")
_IDS = sa.text("select cast(erasure_id as text) from erasures where tenant_id = :tenant_id")
_LEDGERED = sa.text("""
update erasures set ledgered_at = now() where tenant_id = :tenant_id and erasure_id = :id
""")
_ANNOUNCED = sa.text("""
update erasures set announced_at = :position
where tenant_id = :tenant_id and announced_at = 0 and entry <= :entry
""")
_CLEAN = sa.text("""
update erasures set files_clean_at = now()
where tenant_id = :tenant_id and erasure_id = any (cast(:ids as uuid[]))
""")
_CLOSE = sa.text("""
delete from erasure_queue where tenant_id = :tenant_id and erasure_id = any (cast(:ids as uuid[]))
""")
_HAS_TENANT = sa.text("""
select exists (select from intakes where tenant_id = :tenant_id)
    or exists (select from identifiers where tenant_id = :tenant_id)
""")

# Tables whose rows hold no value of a person's: keys of events, numbers, counts.
_VALUELESS = (
    "seen_log",
    "decisions",
    "intakes",
    "erasures",
    "erasure_queue",
    "suppressions",
    "command_queue",
)
_TABLES = """
select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
where n.nspname = 'public' and c.relkind = 'r' and c.relname <> all ($1::text[])
order by pg_total_relation_size(c.oid)
"""
# While somebody may still see the deleted rows, rewriting a table keeps them.
_OLDEST = """
select coalesce(min(xact_start), now()) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class OpenErasure:
    """An erasure of which something is left to do."""

    tenant_id: str
    erasure_id: str
    entry: int
    profile_id: int
    nids: Sequence[int]
    fingerprints: Sequence[bytes]
    kinds: Sequence[int]
    requested_at: datetime
    actor: str
    suppressed: bool
    announced_at: int
    ledgered_at: datetime | None
    files_clean_at: datetime | None
    applied_at: datetime

    @property
    def finished(self) -> bool:
        return None not in (self.ledgered_at, self.files_clean_at) and self.announced_at > 0


async def load_open(engine: AsyncEngine) -> list[OpenErasure]:
    """Of all tenants."""
    async with open_untenanted(engine) as connection:
        by_tenant: dict[str, list[str]] = {}
        for row in await connection.execute(_OPEN):
            by_tenant.setdefault(row.tenant_id, []).append(row.id)
    found = []
    for tenant_id, ids in by_tenant.items():
        async with open_transaction(engine, tenant_id) as connection:
            rows = await connection.execute(_LOAD, {"tenant_id": tenant_id, "ids": ids})
            found += [OpenErasure(tenant_id, **row._mapping) for row in rows]
    return found


async def load_erasure_ids(engine: AsyncEngine, tenant_id: str) -> set[str]:
    async with open_transaction(engine, tenant_id) as connection:
        return set(await connection.scalars(_IDS, {"tenant_id": tenant_id}))


async def has_tenant(engine: AsyncEngine, tenant_id: str) -> bool:
    """Whether there is anything of the tenant."""
    async with open_transaction(engine, tenant_id) as connection:
        return bool(await connection.scalar(_HAS_TENANT, {"tenant_id": tenant_id}))


async def save_ledgered(engine: AsyncEngine, erasure: OpenErasure) -> None:
    async with open_transaction(engine, erasure.tenant_id) as connection:
        await connection.execute(_LEDGERED, {"tenant_id": erasure.tenant_id, "id": erasure.erasure_id})


async def save_announced(engine: AsyncEngine, tenant_id: str, entry: int, position: int) -> None:
    """Every erasure of the tenant up to an entry was announced no later than at that place."""
    async with open_transaction(engine, tenant_id) as connection:
        values = {"tenant_id": tenant_id, "entry": entry, "position": position}
        await connection.execute(_ANNOUNCED, values)


async def save_clean(engine: AsyncEngine, erasures: Iterable[OpenErasure]) -> None:
    """No table file of ours holds them any more."""
    for tenant_id, ids in _by_tenant(erasures).items():
        async with open_transaction(engine, tenant_id) as connection:
            await connection.execute(_CLEAN, {"tenant_id": tenant_id, "ids": ids})


async def close_erasures(engine: AsyncEngine, erasures: Iterable[OpenErasure]) -> None:
    """Nothing is left to do of them."""
    for tenant_id, ids in _by_tenant(erasures).items():
        async with open_untenanted(engine) as connection:
            await connection.execute(_CLOSE, {"tenant_id": tenant_id, "ids": ids})


def _by_tenant(erasures: Iterable[OpenErasure]) -> dict[str, list[str]]:
    by_tenant: dict[str, list[str]] = {}
    for erasure in erasures:
        by_tenant.setdefault(erasure.tenant_id, []).append(erasure.erasure_id)
    return by_tenant


async def clean_files(url: str, deleted_before: datetime, lock_seconds: float) -> bool:
    """Write every table that may hold a person's values anew, without the deleted rows.

    False when somebody still looks at a state from before `deleted_before`, or a table could not be had for
    itself within `lock_seconds`: nothing is lost by trying again. Needs the right MAINTAIN.
    """
    with database_away():
        connection = await asyncpg.connect(url, timeout=5, command_timeout=3600)
        try:
            if await connection.fetchval(_OLDEST) <= deleted_before:
                return False
            await connection.execute(f"set lock_timeout = {int(lock_seconds * 1000)}")
            for row in await connection.fetch(_TABLES, list(_VALUELESS)):
                # Samples of values are not kept, so the planner is told the new sizes and nothing else.
                await connection.execute(f"vacuum (full, analyze) {row['name']}")
        except asyncpg.LockNotAvailableError:
            return False
        finally:
            connection.terminate()
    return True
