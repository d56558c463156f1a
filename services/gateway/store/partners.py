"""Partners, the secrets they prove themselves with, what tenants grant them, and their access tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, open_untenanted, tenant_column
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata, tenants

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", _ID),
    sa.Column("name", sa.Text),
    sa.Column("client_id", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("closed_at", _TIME),
)
client_secrets = sa.Table(
    "client_secrets",
    metadata,
    sa.Column("partner_id", _ID),
    sa.Column("secret_hash", sa.LargeBinary),
    sa.Column("created_at", _TIME),
    sa.Column("expires_at", _TIME),
)
grants = sa.Table(
    "grants",
    metadata,
    tenant_column(),
    sa.Column("partner_id", _ID),
    sa.Column("scopes", ARRAY(sa.Text)),
    sa.Column("granted_by", sa.Text),
    sa.Column("granted_at", _TIME),
    sa.Column("revoked_at", _TIME),
)
access_tokens = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("partner_id", _ID),
    sa.Column("for_tenant", _ID),
    sa.Column("scopes", ARRAY(sa.Text)),
    sa.Column("expires_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class Partner:
    partner_id: str
    name: str
    client_id: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a tenant lets a partner do."""

    partner_id: str
    client_id: str
    partner_name: str
    scopes: Sequence[str]
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A token in force; `tenant_id` is None where it only says which partner it is."""

    partner_id: str
    tenant_id: str | None
    scopes: frozenset[str]
    calls_per_second: float


_PARTNER = [partners.c[name] for name in Partner.__slots__]
_GRANT = [
    partners.c.partner_id,
    partners.c.client_id,
    partners.c.name.label("partner_name"),
    grants.c.scopes,
    grants.c.granted_by,
    grants.c.granted_at,
    grants.c.revoked_at,
]


async def save_partner(engine: AsyncEngine, partner_id: str, name: str, client: tuple[str, bytes]) -> Partner:
    """A new partner; `client` is its id and the hash of its first secret."""
    client_id, secret_hash = client
    async with open_untenanted(engine) as connection:
        made = await connection.execute(
            sa.insert(partners)
            .values(partner_id=partner_id, name=name, client_id=client_id)
            .returning(*_PARTNER)
        )
        partner = Partner(**made.one()._mapping)
        await connection.execute(
            sa.insert(client_secrets).values(partner_id=partner_id, secret_hash=secret_hash)
        )
    return partner


async def load_partners(engine: AsyncEngine, *, after: str, limit: int) -> list[Partner]:
    """By rising client id, behind `after`."""
    query = sa.select(*_PARTNER).where(partners.c.client_id > after).order_by(partners.c.client_id)
    async with open_untenanted(engine) as connection:
        return [Partner(**row._mapping) for row in await connection.execute(query.limit(limit))]


async def load_partner(engine: AsyncEngine, client_id: str) -> Partner | None:
    """One that is not closed."""
    query = sa.select(*_PARTNER).where(partners.c.client_id == client_id, partners.c.closed_at.is_(None))
    async with open_untenanted(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Partner(**row._mapping) if row else None


async def replace_secret(
    engine: AsyncEngine, partner_id: str, secret_hash: bytes, old_end_at: datetime
) -> None:
    """A new secret beside the old ones, which end at `old_end_at` at the latest."""
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(client_secrets)
            .where(client_secrets.c.partner_id == partner_id)
            .values(expires_at=sa.func.least(client_secrets.c.expires_at, old_end_at))
        )
        await connection.execute(
            sa.insert(client_secrets).values(partner_id=partner_id, secret_hash=secret_hash)
        )


async def close_partner(engine: AsyncEngine, partner_id: str) -> bool:
    """It can do nothing any more, from now on. False when there is no such partner."""
    change = (
        sa.update(partners)
        .where(partners.c.partner_id == partner_id, partners.c.closed_at.is_(None))
        .values(closed_at=sa.func.now())
    )
    async with open_untenanted(engine) as connection:
        return bool((await connection.execute(change)).rowcount)


async def load_client(engine: AsyncEngine, client_id: str) -> tuple[Partner, list[bytes]] | None:
    """A partner that is not closed, and the hashes of its secrets in force."""
    partner = await load_partner(engine, client_id)
    if partner is None:
        return None
    query = sa.select(client_secrets.c.secret_hash).where(
        client_secrets.c.partner_id == partner.partner_id,
        sa.or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > sa.func.now()),
    )
    async with open_untenanted(engine) as connection:
        return partner, list((await connection.execute(query)).scalars())


async def save_grant(
    connection: AsyncConnection, tenant_id: str, partner_id: str, scopes: Sequence[str], granted_by: str
) -> None:
    """Grant, or change what is granted, within a transaction of the tenant."""
    values = {"scopes": list(scopes), "granted_by": granted_by}
    await connection.execute(
        insert(grants)
        .values(tenant_id=tenant_id, partner_id=partner_id, **values)
        .on_conflict_do_update(
            index_elements=["tenant_id", "partner_id"],
            set_={**values, "granted_at": sa.func.now(), "revoked_at": None},
        )
    )


async def revoke_grant(connection: AsyncConnection, partner_id: str) -> bool:
    """Within a transaction of the tenant, with every token for it; False when nothing was granted."""
    here = access_tokens.c.for_tenant == sa.cast(sa.func.current_setting("app.tenant"), _ID)
    await connection.execute(sa.delete(access_tokens).where(access_tokens.c.partner_id == partner_id, here))
    change = (
        sa.update(grants)
        .where(grants.c.partner_id == partner_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=sa.func.now())
    )
    return bool((await connection.execute(change)).rowcount)


async def load_grants(engine: AsyncEngine, tenant_id: str, *, after: str, limit: int) -> list[Grant]:
    """A tenant's grants, revoked ones too, by rising client id, behind `after`."""
    query = (
        sa.select(*_GRANT)
        .join(partners, partners.c.partner_id == grants.c.partner_id)
        .where(partners.c.client_id > after)
        .order_by(partners.c.client_id)
        .limit(limit)
    )
    async with open_transaction(engine, tenant_id) as connection:
        return [Grant(**row._mapping) for row in await connection.execute(query)]


@dataclass(frozen=True, slots=True)
class GrantingTenant:
    """A tenant that a partner may act for."""

    tenant_id: str
    name: str
    scopes: Sequence[str]


def _in_force(partner_id: str) -> "sa.Select[tuple[str, str, list[str]]]":
    return (
        sa.select(grants.c.tenant_id, tenants.c.name, grants.c.scopes)
        .join(tenants, tenants.c.tenant_id == grants.c.tenant_id)
        .where(
            grants.c.partner_id == partner_id, grants.c.revoked_at.is_(None), tenants.c.closing_at.is_(None)
        )
    )


async def load_granting_tenants(
    engine: AsyncEngine, partner_id: str, *, after: str | None, limit: int
) -> list[GrantingTenant]:
    """By rising tenant id, behind `after`."""
    query = _in_force(partner_id).order_by(grants.c.tenant_id).limit(limit)
    if after is not None:
        query = query.where(grants.c.tenant_id > after)
    async with lookup_transaction(engine) as connection:
        return [GrantingTenant(**row._mapping) for row in await connection.execute(query)]


async def load_granted(engine: AsyncEngine, partner_id: str, tenant_id: str) -> GrantingTenant | None:
    """What one tenant grants; None when nothing."""
    query = _in_force(partner_id).where(grants.c.tenant_id == tenant_id)
    async with lookup_transaction(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return GrantingTenant(**row._mapping) if row else None


async def save_token(
    engine: AsyncEngine,
    token_hash: bytes,
    partner_id: str,
    tenant_id: str | None,
    *,
    scopes: Sequence[str],
    expires_at: datetime,
) -> None:
    """Remember a token, and forget those that have ended."""
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(access_tokens).where(access_tokens.c.expires_at < sa.func.now()))
        await connection.execute(
            sa.insert(access_tokens).values(
                token_hash=token_hash,
                partner_id=partner_id,
                for_tenant=tenant_id,
                scopes=list(scopes),
                expires_at=expires_at,
            )
        )


async def load_token(engine: AsyncEngine, token_hash: bytes) -> Token | None:
    """A token in force: not ended, partner and tenant not closed, and what it may still granted."""
    query = (
        sa.select(
            access_tokens.c.partner_id,
            access_tokens.c.for_tenant,
            access_tokens.c.scopes,
            grants.c.scopes.label("granted"),
            tenants.c.tenant_id.label("open_tenant"),
            tenants.c.calls_per_second,
        )
        .join(partners, partners.c.partner_id == access_tokens.c.partner_id)
        .outerjoin(
            grants,
            sa.and_(
                grants.c.partner_id == access_tokens.c.partner_id,
                grants.c.tenant_id == access_tokens.c.for_tenant,
                grants.c.revoked_at.is_(None),
            ),
        )
        .outerjoin(
            tenants, sa.and_(tenants.c.tenant_id == grants.c.tenant_id, tenants.c.closing_at.is_(None))
        )
        .where(
            access_tokens.c.token_hash == token_hash,
            access_tokens.c.expires_at > sa.func.now(),
            partners.c.closed_at.is_(None),
        )
    )
    async with lookup_transaction(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None or (row.for_tenant is not None and row.open_tenant is None):
        return None
    scopes = frozenset(row.scopes) & frozenset(row.granted or ())
    return Token(row.partner_id, row.for_tenant, scopes, row.calls_per_second or 0.0)
