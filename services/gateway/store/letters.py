"""Letters that wait to be sent."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("letter_id", sa.Uuid(as_uuid=False)),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("attempts", sa.Integer),
    sa.Column("due_at", _TIME),
    sa.Column("keep_until", _TIME),
)


async def save_letter(connection: AsyncConnection, sealed: bytes, keep: timedelta) -> None:
    """In the caller's transaction: the letter is sent exactly when what it tells of has happened."""
    await connection.execute(
        sa.insert(letters).values(
            letter_id=str(uuid.uuid4()), sealed=sealed, keep_until=sa.func.now() + sa.literal(keep)
        )
    )


async def claim_letters(
    engine: AsyncEngine, *, lease: timedelta, at_most: int
) -> list[tuple[str, bytes, int]]:
    """Due letters (id, sealed, attempts with this one) that nobody else sends until the lease ends."""
    due = (
        sa.select(letters.c.letter_id)
        .where(letters.c.due_at <= sa.func.now())
        .order_by(letters.c.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    claim = (
        sa.update(letters)
        .where(letters.c.letter_id.in_(due.scalar_subquery()))
        .values(due_at=sa.func.now() + sa.literal(lease), attempts=letters.c.attempts + 1)
        .returning(letters.c.letter_id, letters.c.sealed, letters.c.attempts)
    )
    async with open_untenanted(engine) as connection:
        return [(row.letter_id, row.sealed, row.attempts) for row in await connection.execute(claim)]


async def delete_letter(engine: AsyncEngine, letter_id: str) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(letters).where(letters.c.letter_id == letter_id))


async def postpone_letter(engine: AsyncEngine, letter_id: str, wait: timedelta) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(letters)
            .where(letters.c.letter_id == letter_id)
            .values(due_at=sa.func.now() + sa.literal(wait))
        )


async def delete_stale_letters(engine: AsyncEngine) -> int:
    """Letters that came too late to be of use; how many."""
    async with open_untenanted(engine) as connection:
        done = await connection.execute(sa.delete(letters).where(letters.c.keep_until < sa.func.now()))
        return done.rowcount
