"""Teammates, and where they may go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.domain.permissions import Role
from services.gateway.store.lookup import look_up, lookup_transaction
from services.gateway.store.tables import memberships, teammates, tenants

Language = Literal["zh-TW", "en"]


@dataclass(frozen=True, slots=True)
class Teammate:
    teammate_id: str
    email: str
    name: str
    # None: signs in by passkey or single sign-on only.
    password_hash: str | None
    language: Language = "zh-TW"


@dataclass(frozen=True, slots=True)
class Membership:
    """One tenant a teammate may enter."""

    tenant_id: str
    tenant_name: str
    role: Role
    second_factor_required: bool
    # Its deletion was asked for then.
    closing_at: datetime | None


async def load_teammate(engine: AsyncEngine, email: str) -> Teammate | None:
    async with open_untenanted(engine) as connection:
        return await load_teammate_by_email(connection, email)


async def load_memberships(engine: AsyncEngine, teammate_id: str) -> list[Membership]:
    async with lookup_transaction(engine) as connection:
        return await load_memberships_in(connection, teammate_id)


async def load_tenant_ids(connection: AsyncConnection, teammate_id: str) -> list[str]:
    """Of all tenants a teammate belongs to, in one order everywhere."""
    await look_up(connection)
    return sorted(membership.tenant_id for membership in await load_memberships_in(connection, teammate_id))


async def load_memberships_in(connection: AsyncConnection, teammate_id: str) -> list[Membership]:
    """In a lookup transaction; oldest tenant first."""
    query = (
        sa.select(
            memberships.c.tenant_id,
            tenants.c.name.label("tenant_name"),
            memberships.c.role,
            tenants.c.second_factor_required,
            tenants.c.closing_at,
        )
        .join(tenants, tenants.c.tenant_id == memberships.c.tenant_id)
        .where(memberships.c.teammate_id == teammate_id)
        .order_by(tenants.c.created_at, tenants.c.tenant_id)
    )
    return [Membership(**row._mapping) for row in await connection.execute(query)]


async def load_teammate_by_id(engine: AsyncEngine, teammate_id: str) -> Teammate | None:
    async with open_untenanted(engine) as connection:
        return await load_teammate_in(connection, teammate_id)


async def load_teammate_in(connection: AsyncConnection, teammate_id: str) -> Teammate | None:
    query = sa.select(*(teammates.c[name] for name in Teammate.__slots__)).where(
        teammates.c.teammate_id == teammate_id
    )
    row = (await connection.execute(query)).one_or_none()
    return Teammate(**row._mapping) if row else None


async def load_teammate_by_email(connection: AsyncConnection, email: str) -> Teammate | None:
    query = sa.select(*(teammates.c[name] for name in Teammate.__slots__)).where(teammates.c.email == email)
    row = (await connection.execute(query)).one_or_none()
    return Teammate(**row._mapping) if row else None


async def change_teammate(connection: AsyncConnection, teammate_id: str, **values: str) -> None:
    """Set some of a teammate's columns."""
    await connection.execute(
        sa.update(teammates).where(teammates.c.teammate_id == teammate_id).values(**values)
    )


async def email_is_taken(connection: AsyncConnection, email: str) -> bool:
    """Whether some teammate signs in with it."""
    found = await connection.scalar(sa.select(sa.literal(1)).where(teammates.c.email == email))
    return found is not None
