"""Deleting all that a tenant has, of whatever table."""

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction

# Every table of a tenant has the column. Commands and counts go last, by whoever asked: the command that
# deletes is among them and writes counts; what is still to be published has to be.
_TABLES = """
select c.table_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'
    and c.table_name <> all (array['commands', 'command_queue', 'intakes', 'outbox'])
order by 1
"""
_DELETE = """
delete from {table} where tenant_id = $1 and ctid = any (array(
    select ctid from {table} where tenant_id = $1 limit $2
))
"""
_REST = sa.text("""
with counts as (
    delete from intakes where tenant_id = :tenant_id
), gone as (
    delete from commands where tenant_id = :tenant_id and state in ('applied', 'refused') returning command_id
)
delete from command_queue
where tenant_id = :tenant_id and not open and command_id in (select command_id from gone)
""")


async def delete_some(connection: asyncpg.Connection, tenant_id: str, most: int) -> int:
    """How many rows were deleted, up to `most` of each table; 0 when none was left."""
    deleted = 0
    for row in await connection.fetch(_TABLES):
        # A name out of the catalogue.
        status = await connection.execute(_DELETE.format(table=row["table_name"]), tenant_id, most)
        deleted += int(status.rpartition(" ")[2])
    return deleted


async def delete_rest(engine: AsyncEngine, tenant_id: str) -> None:
    """Delete what is left when a command has forgotten the tenant: its answer, and counts."""
    async with open_transaction(engine, tenant_id) as connection:
        await connection.execute(_REST, {"tenant_id": tenant_id})
