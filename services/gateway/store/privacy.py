"""Who was erased, as far as the gateway keeps anything of people: bad rows and exports."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import database_away, open_transaction, tenant_column
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

bad_row_fingerprints = sa.Table(
    "bad_row_fingerprints",
    metadata,
    tenant_column(),
    sa.Column("seq", sa.BigInteger),
    sa.Column("row", sa.Integer),
    sa.Column("fingerprint", sa.LargeBinary),
)
erasure_sweeps = sa.Table(
    "erasure_sweeps",
    metadata,
    tenant_column(),
    sa.Column("erasure_id", _ID),
    sa.Column("requested_at", _TIME),
    sa.Column("swept_at", _TIME),
    sa.Column("cleaned_at", _TIME),
)
erased_fingerprints = sa.Table(
    "erased_fingerprints",
    metadata,
    tenant_column(),
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Column("until", _TIME),
)

deleted_bad_rows = sa.Table(
    "deleted_bad_rows",
    metadata,
    tenant_column(),
    sa.Column("status", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("counted", sa.Boolean),
    sa.Column("rows", sa.BigInteger),
)

# Deleted rows are still counted, without anything of what they said.
_DELETE = """
with gone as (
    delete from bad_rows where tenant_id = :tenant_id and {condition}
    returning status, reason, stage
)
insert into deleted_bad_rows (tenant_id, status, reason, counted, rows)
select :tenant_id, status, reason, not (stage like 'gateway.%' or stage like 'identity.%'), count(*)
from gone group by 2, 3, 4
on conflict (tenant_id, status, reason, counted) do update set rows = deleted_bad_rows.rows + excluded.rows
returning rows
"""
_DELETE_NAMED = sa.text(
    _DELETE.format(
        condition="""(seq, row) in (
        select seq, row from bad_row_fingerprints
        where tenant_id = :tenant_id and fingerprint = any (cast(:fingerprints as bytea[]))
    ) and received_at <= :until"""
    )
)
_DELETE_OLD = sa.text(
    _DELETE.format(
        condition="""ctid = any (array(
        select ctid from bad_rows where tenant_id = :tenant_id and received_at < :before limit :most
    ))"""
    )
)
_ADD_DELETED = sa.text("""
insert into deleted_bad_rows (tenant_id, status, reason, counted, rows)
values (:tenant_id, 'new', :reason, :counted, 1)
on conflict (tenant_id, status, reason, counted) do update set rows = deleted_bad_rows.rows + 1
""")
_UNREAD = sa.text("""
select seq, row, payload from bad_rows where tenant_id = :tenant_id and not fingerprinted
order by seq, row limit :most
""")
_READ = sa.text("""
update bad_rows set fingerprinted = true
where tenant_id = :tenant_id and (seq, row) in (select * from unnest(
    cast(:seqs as bigint[]), cast(:rows as integer[])
))
""")

# What may hold a value of a person; written anew when somebody was erased.
_TABLES = ("exports", "deleted_bad_rows", "bad_row_fingerprints", "bad_rows")
_OLDEST = """
select coalesce(min(xact_start), now()) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """How far the gateway's own stores are with an erasure."""

    erasure_id: str
    requested_at: datetime
    swept_at: datetime
    cleaned_at: datetime | None


async def save_traces(
    connection: AsyncConnection, tenant_id: str, named: Mapping[Place, Collection[bytes]]
) -> None:
    """Note whom bad rows name; within a transaction of their tenant."""
    rows = [
        {"tenant_id": tenant_id, "seq": seq, "row": row, "fingerprint": each}
        for (seq, row), fingerprints in named.items()
        for each in fingerprints
    ]
    if rows:
        await connection.execute(insert(bad_row_fingerprints).on_conflict_do_nothing(), rows)


async def load_erased(connection: AsyncConnection, fingerprints: Iterable[bytes]) -> dict[bytes, datetime]:
    """Those that were erased, and when; within a transaction of their tenant."""
    wanted = list(fingerprints)
    if not wanted:
        return {}
    query = sa.select(erased_fingerprints.c.fingerprint, erased_fingerprints.c.until).where(
        erased_fingerprints.c.fingerprint == sa.any_(sa.cast(wanted, ARRAY(sa.LargeBinary)))
    )
    return {row.fingerprint: row.until for row in await connection.execute(query)}


async def count_dropped(connection: AsyncConnection, tenant_id: str, reason: str, *, counted: bool) -> None:
    """A bad row of somebody erased that arrived late: it is counted, and not kept."""
    await connection.execute(_ADD_DELETED, {"tenant_id": tenant_id, "reason": reason, "counted": counted})


async def load_unread(engine: AsyncEngine, tenant_id: str, most: int) -> list[tuple[Place, bytes]]:
    """Rows from before whose people were not noted."""
    async with open_transaction(engine, tenant_id) as connection:
        rows = await connection.execute(_UNREAD, {"tenant_id": tenant_id, "most": most})
        return [((row.seq, row.row), row.payload) for row in rows]


async def save_read(engine: AsyncEngine, tenant_id: str, named: Mapping[Place, Collection[bytes]]) -> None:
    async with open_transaction(engine, tenant_id) as connection:
        await save_traces(connection, tenant_id, named)
        await connection.execute(
            _READ,
            {
                "tenant_id": tenant_id,
                "seqs": [seq for seq, _ in named],
                "rows": [row for _, row in named],
            },
        )


async def sweep(
    engine: AsyncEngine,
    tenant_id: str,
    erasure_id: str,
    *,
    fingerprints: Sequence[bytes],
    requested_at: datetime,
) -> None:
    """Delete every bad row that names somebody who was erased, and let none of them in that is on its way."""
    async with open_transaction(engine, tenant_id) as connection:
        if fingerprints:
            erased = insert(erased_fingerprints).values(
                [
                    {"tenant_id": tenant_id, "fingerprint": each, "until": requested_at}
                    for each in fingerprints
                ]
            )
            newest = sa.func.greatest(erased_fingerprints.c.until, erased.excluded.until)
            await connection.execute(
                erased.on_conflict_do_update(
                    index_elements=["tenant_id", "fingerprint"], set_={"until": newest}
                )
            )
        await connection.execute(
            _DELETE_NAMED,
            {"tenant_id": tenant_id, "fingerprints": list(fingerprints), "until": requested_at},
        )
        await connection.execute(
            insert(erasure_sweeps)
            .values(tenant_id=tenant_id, erasure_id=erasure_id, requested_at=requested_at)
            .on_conflict_do_nothing()
        )


async def load_sweep(engine: AsyncEngine, tenant_id: str, erasure_id: str) -> Sweep | None:
    columns = [erasure_sweeps.c[name] for name in Sweep.__slots__]
    query = sa.select(*columns).where(erasure_sweeps.c.erasure_id == erasure_id)
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Sweep(**row._mapping) if row else None


async def save_cleaned(engine: AsyncEngine, tenant_id: str, erasure_id: str) -> None:
    """No table file holds them any more."""
    change = sa.update(erasure_sweeps).where(erasure_sweeps.c.erasure_id == erasure_id)
    async with open_transaction(engine, tenant_id) as connection:
        await connection.execute(change.values(cleaned_at=sa.func.now()))


async def delete_old_bad_rows(engine: AsyncEngine, tenant_id: str, before: datetime, most: int) -> bool:
    """Whether there may be more."""
    async with open_transaction(engine, tenant_id) as connection:
        query = sa.text(
            "select count(*) from bad_rows where tenant_id = :tenant_id and received_at < :before"
        )
        values = {"tenant_id": tenant_id, "before": before}
        found = await connection.scalar(query, values)
        if found:
            await connection.execute(_DELETE_OLD, {**values, "most": most})
    return bool(found and found > most)


async def clean_files(url: str, deleted_before: datetime, lock_seconds: float) -> bool:
    """Write tables that may hold a person's values anew, without their deleted rows.

    False when somebody still looks at a state from before `deleted_before`, or a table could not be had for
    itself within `lock_seconds`: nothing is lost by trying again. Needs the right MAINTAIN.
    """
    with database_away():
        connection = await asyncpg.connect(url, timeout=5, command_timeout=timedelta(hours=1).total_seconds())
        try:
            if await connection.fetchval(_OLDEST) <= deleted_before:
                return False
            await connection.execute(f"set lock_timeout = {int(lock_seconds * 1000)}")
            for table in _TABLES:
                await connection.execute(f"vacuum (full, analyze) {table}")
        except asyncpg.LockNotAvailableError:
            return False
        finally:
            connection.terminate()
    return True
