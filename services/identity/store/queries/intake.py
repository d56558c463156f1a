"""A tenant's intake counts."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction
from services.identity.domain.people import Intake

_INTAKE = sa.text("""
select received, counted, duplicates, set_aside, suppressed, accepted_to,
       (extract(epoch from as_of) * 1000)::bigint as as_of_ms
from intakes where tenant_id = :tenant_id
""")


async def load_intake(engine: AsyncEngine, tenant_id: str) -> Intake:
    """Zeros for a tenant that has sent nothing."""
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(_INTAKE, {"tenant_id": tenant_id})).one_or_none()
    if row is None:
        return Intake(0, 0, 0, 0, 0, 0, None)
    return Intake(
        row.received,
        row.counted,
        row.duplicates,
        row.set_aside,
        row.suppressed,
        row.accepted_to,
        row.as_of_ms,
    )
