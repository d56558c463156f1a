"""How far identity's stream has been followed: over all, and for each tenant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import SET_TENANT, open_transaction, open_untenanted
from services.recommender.errors import PositionTaken

# Everything a tenant has in this database.
_FORGET = (
    sa.text("delete from followed where tenant_id = :tenant_id"),
    sa.text("delete from products where tenant_id = :tenant_id"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """A tenant's events up to `position`; `newest_received_at` is None before the first."""

    position: int
    newest_received_at: datetime | None
    events: int


class Store:
    """The service's own database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load_position(self, stream: str) -> int:
        """Place of the last message whose results are stored."""
        async with open_untenanted(self._engine) as connection:
            rows = await connection.execute(
                sa.text("select position from positions where stream = :stream"), {"stream": stream}
            )
            return int(rows.scalar_one())

    async def save(
        self,
        stream: str,
        *,
        start: int,
        end: int,
        progress: Mapping[str, Progress],
        forgotten: Collection[str] = (),
    ) -> None:
        """Add each tenant's part of the messages behind `start` up to `end`, all of it or nothing.

        Of `forgotten` tenants nothing is left afterwards.
        Raises PositionTaken when the stored place is not `start`.
        """
        async with open_untenanted(self._engine) as connection:
            moved = await connection.scalar(
                sa.text(
                    "update positions set position = :end "
                    "where stream = :stream and position = :start returning position"
                ),
                {"stream": stream, "start": start, "end": end},
            )
            if moved is None:
                raise PositionTaken("Another process has followed the stream from here.", position=start)
            for tenant_id, part in sorted(progress.items()):
                await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
                await connection.execute(
                    sa.text(
                        "insert into followed as f (tenant_id, position, newest_received_at, events) "
                        "values (:tenant_id, :position, :newest, :events) "
                        "on conflict (tenant_id) do update set position = excluded.position, "
                        "newest_received_at = greatest(f.newest_received_at, excluded.newest_received_at), "
                        "events = f.events + excluded.events"
                    ),
                    {
                        "tenant_id": tenant_id,
                        "position": part.position,
                        "newest": part.newest_received_at,
                        "events": part.events,
                    },
                )
            for tenant_id in sorted(forgotten):
                await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
                for statement in _FORGET:
                    await connection.execute(statement, {"tenant_id": tenant_id})

    async def load_progress(self, tenant_id: str) -> Progress:
        """Zero of everything for a tenant without events."""
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = await connection.execute(
                sa.text(
                    "select position, newest_received_at, events from followed where tenant_id = :tenant_id"
                ),
                {"tenant_id": tenant_id},
            )
            row = rows.one_or_none()
        return Progress(0, None, 0) if row is None else Progress(*row)
