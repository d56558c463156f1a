"""The keys tenants send and ask with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.gateway.domain.keys import KeyKind, WriteKey, key_hash
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import keys, tenants

# Rows of a slow transaction become visible after newer ones; looking back this far misses none.
_LOOK_BACK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is known of a key after it was shown once."""

    key_id: str
    kind: KeyKind
    name: str
    prefix: str
    last4: str
    allowed_origins: Sequence[str]
    scopes: Sequence[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key about to be stored; `key` itself is not."""

    key_id: str
    kind: KeyKind
    name: str
    key: str
    allowed_origins: Sequence[str] = ()
    scopes: Sequence[str] = ()
    expires_at: datetime | None = None


_COLUMNS = [keys.c[name] for name in KeyRow.__slots__]
_IN_FORCE = sa.and_(
    keys.c.revoked_at.is_(None), sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > sa.func.now())
)


async def save_key(connection: AsyncConnection, tenant_id: str, new: NewKey) -> KeyRow:
    """Store the hash of a key, within a transaction of its tenant."""
    stored = await connection.execute(
        sa.insert(keys)
        .values(
            tenant_id=tenant_id,
            key_id=new.key_id,
            kind=new.kind,
            name=new.name,
            hash=key_hash(new.key),
            prefix=new.key[:8],
            last4=new.key[-4:],
            allowed_origins=list(new.allowed_origins),
            scopes=list(new.scopes),
            expires_at=new.expires_at,
        )
        .returning(*_COLUMNS)
    )
    return KeyRow(**stored.one()._mapping)


async def load_keys(
    engine: AsyncEngine, tenant_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[KeyRow]:
    """Keys of a tenant, revoked ones too, oldest first; behind the key made `after[0]` with id `after[1]`."""
    query = sa.select(*_COLUMNS).order_by(keys.c.created_at, keys.c.key_id).limit(limit)
    if after is not None:
        made_at, key_id = after
        place = sa.tuple_(sa.literal(made_at, keys.c.created_at.type), sa.literal(key_id, keys.c.key_id.type))
        query = query.where(sa.tuple_(keys.c.created_at, keys.c.key_id) > place)
    async with open_transaction(engine, tenant_id) as connection:
        return [KeyRow(**row._mapping) for row in await connection.execute(query)]


async def load_key_of_text(engine: AsyncEngine, tenant_id: str, text: str) -> KeyRow | None:
    """The tenant's key that reads so, also when it is no longer in force; None: it has none."""
    query = sa.select(*_COLUMNS).where(keys.c.hash == key_hash(text))
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(query)).one_or_none()
    return KeyRow(**row._mapping) if row else None


async def load_key_in_force(connection: AsyncConnection, key_id: str) -> KeyRow | None:
    """One key, kept from changing until the transaction of its tenant ends; None: no such key in force."""
    query = sa.select(*_COLUMNS).where(keys.c.key_id == key_id, _IN_FORCE).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return KeyRow(**row._mapping) if row else None


async def change_key(connection: AsyncConnection, key_id: str, values: dict[str, Any]) -> KeyRow:
    """Change a key, within a transaction of its tenant that has loaded it."""
    change = (
        sa.update(keys)
        .where(keys.c.key_id == key_id)
        .values(**values, changed_at=sa.func.now())
        .returning(*_COLUMNS)
    )
    return KeyRow(**(await connection.execute(change)).one()._mapping)


async def save_key_uses(engine: AsyncEngine, uses: Sequence[tuple[str, str, datetime]]) -> None:
    """Remember when keys (tenant, key, when) were last used."""
    for tenant_id, key_id, used_at in uses:
        async with open_transaction(engine, tenant_id) as connection:
            await connection.execute(
                sa.update(keys).where(keys.c.key_id == key_id).values(last_used_at=used_at)
            )


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key as the ring needs it; `key` is None when it is no longer in force."""

    hash: bytes
    key: WriteKey | None


async def load_key_changes(engine: AsyncEngine, since: datetime | None) -> tuple[list[KeyChange], datetime]:
    """Keys that changed since then (all, without a time), and the database's time to ask from next."""
    query = sa.select(
        keys.c.tenant_id,
        keys.c.key_id,
        keys.c.kind,
        keys.c.hash,
        keys.c.allowed_origins,
        keys.c.scopes,
        keys.c.expires_at,
        keys.c.revoked_at,
        tenants.c.events_per_second,
        tenants.c.calls_per_second,
        tenants.c.closing_at,
    ).join(tenants, tenants.c.tenant_id == keys.c.tenant_id)
    if since is not None:
        after = since - _LOOK_BACK
        query = query.where(sa.or_(keys.c.changed_at > after, tenants.c.changed_at > after))
    async with lookup_transaction(engine) as connection:
        now = (await connection.execute(sa.select(sa.func.now()))).scalar_one()
        rows = (await connection.execute(query)).all()
    return [KeyChange(row.hash, _write_key(row)) for row in rows], now


def _write_key(row: Any) -> WriteKey | None:
    if row.revoked_at is not None or row.closing_at is not None:
        return None
    return WriteKey(
        tenant_id=row.tenant_id,
        key_id=row.key_id,
        kind=row.kind,
        allowed_origins=tuple(row.allowed_origins),
        events_per_second=row.events_per_second,
        scopes=frozenset(row.scopes),
        expires_at=row.expires_at,
        calls_per_second=row.calls_per_second,
    )
