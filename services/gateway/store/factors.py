"""A teammate's second factors: the authenticator app's secret, recovery codes, and passkeys."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

one_time_codes = sa.Table(
    "one_time_codes",
    metadata,
    sa.Column("teammate_id", _ID),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("confirmed_at", _TIME),
    sa.Column("last_step", sa.BigInteger),
)
recovery_codes = sa.Table(
    "recovery_codes", metadata, sa.Column("teammate_id", _ID), sa.Column("hash", sa.LargeBinary)
)
passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("passkey_id", _ID),
    sa.Column("credential_id", sa.LargeBinary),
    sa.Column("teammate_id", _ID),
    sa.Column("public_key", sa.LargeBinary),
    sa.Column("sign_count", sa.BigInteger),
    sa.Column("name", sa.Text),
    sa.Column("backed_up", sa.Boolean),
    sa.Column("made_at", _TIME),
    sa.Column("last_used_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """`confirmed` once a code has shown that the app has the secret."""

    sealed: bytes
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    passkey_id: str
    credential_id: bytes
    teammate_id: str
    public_key: bytes
    sign_count: int
    name: str
    backed_up: bool
    made_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    credential_id: bytes
    teammate_id: str
    public_key: bytes
    sign_count: int
    name: str
    backed_up: bool


async def load_one_time_codes(connection: AsyncConnection, teammate_id: str) -> OneTimeCodes | None:
    confirmed = one_time_codes.c.confirmed_at.is_not(None).label("confirmed")
    query = sa.select(one_time_codes.c.sealed, confirmed).where(one_time_codes.c.teammate_id == teammate_id)
    row = (await connection.execute(query)).one_or_none()
    return OneTimeCodes(row.sealed, row.confirmed) if row else None


async def save_one_time_codes(connection: AsyncConnection, teammate_id: str, sealed: bytes) -> bool:
    """An unconfirmed secret in place of an unconfirmed one; False when there is a confirmed one."""
    save = insert(one_time_codes).values(teammate_id=teammate_id, sealed=sealed)
    saved = await connection.execute(
        save.on_conflict_do_update(
            index_elements=["teammate_id"],
            set_={"sealed": sealed, "last_step": 0},
            where=one_time_codes.c.confirmed_at.is_(None),
        ).returning(one_time_codes.c.teammate_id)
    )
    return saved.first() is not None


async def use_step(
    connection: AsyncConnection, teammate_id: str, step: int, *, confirm: bool = False
) -> bool:
    """Whether no code of this time step or a later one was used before; then this one is."""
    values = {"last_step": step} | ({"confirmed_at": sa.func.now()} if confirm else {})
    done = await connection.execute(
        sa.update(one_time_codes)
        .where(one_time_codes.c.teammate_id == teammate_id, one_time_codes.c.last_step < step)
        .values(**values)
    )
    return done.rowcount > 0


async def delete_one_time_codes(connection: AsyncConnection, teammate_id: str) -> bool:
    """With its recovery codes; whether there was one."""
    await connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.teammate_id == teammate_id))
    done = await connection.execute(
        sa.delete(one_time_codes).where(one_time_codes.c.teammate_id == teammate_id)
    )
    return done.rowcount > 0


async def replace_recovery_codes(
    connection: AsyncConnection, teammate_id: str, hashes: Collection[bytes]
) -> None:
    await connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.teammate_id == teammate_id))
    rows = [{"teammate_id": teammate_id, "hash": one} for one in hashes]
    await connection.execute(sa.insert(recovery_codes), rows)


async def use_recovery_code(connection: AsyncConnection, teammate_id: str, code_hash: bytes) -> bool:
    """Whether it was one that nobody had used."""
    done = await connection.execute(
        sa.delete(recovery_codes).where(
            recovery_codes.c.teammate_id == teammate_id, recovery_codes.c.hash == code_hash
        )
    )
    return done.rowcount > 0


async def count_recovery_codes(connection: AsyncConnection, teammate_id: str) -> int:
    query = sa.select(sa.func.count()).where(recovery_codes.c.teammate_id == teammate_id)
    return int(await connection.scalar(query) or 0)


async def save_passkey(connection: AsyncConnection, new: NewPasskey) -> str | None:
    """Its id; None when this credential is known already."""
    values = {name: getattr(new, name) for name in NewPasskey.__slots__}
    saved = await connection.execute(
        insert(passkeys)
        .values(passkey_id=str(uuid.uuid4()), **values)
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(passkeys.c.passkey_id)
    )
    passkey_id: str | None = saved.scalar_one_or_none()
    return passkey_id


async def load_passkeys(connection: AsyncConnection, teammate_id: str) -> list[Passkey]:
    """All of a teammate's, oldest first; routes bound how many there may be."""
    query = sa.select(*(passkeys.c[name] for name in Passkey.__slots__)).where(
        passkeys.c.teammate_id == teammate_id
    )
    rows = await connection.execute(query.order_by(passkeys.c.made_at, passkeys.c.passkey_id))
    return [Passkey(**row._mapping) for row in rows]


async def lock_passkey(connection: AsyncConnection, credential_id: bytes) -> Passkey | None:
    """Until the transaction ends, so that its counter is checked and set by one at a time."""
    query = sa.select(*(passkeys.c[name] for name in Passkey.__slots__)).where(
        passkeys.c.credential_id == credential_id
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return Passkey(**row._mapping) if row else None


async def use_passkey(connection: AsyncConnection, passkey_id: str, sign_count: int, backed_up: bool) -> None:
    await connection.execute(
        sa.update(passkeys)
        .where(passkeys.c.passkey_id == passkey_id)
        .values(sign_count=sign_count, backed_up=backed_up, last_used_at=sa.func.now())
    )


async def rename_passkey(engine: AsyncEngine, teammate_id: str, passkey_id: str, name: str) -> bool:
    """Whether there is such a one."""
    async with open_untenanted(engine) as connection:
        done = await connection.execute(
            sa.update(passkeys)
            .where(passkeys.c.passkey_id == passkey_id, passkeys.c.teammate_id == teammate_id)
            .values(name=name)
        )
        return done.rowcount > 0


async def delete_passkey(connection: AsyncConnection, teammate_id: str, passkey_id: str) -> bool:
    """Whether there was such a one."""
    done = await connection.execute(
        sa.delete(passkeys).where(passkeys.c.passkey_id == passkey_id, passkeys.c.teammate_id == teammate_id)
    )
    return done.rowcount > 0
