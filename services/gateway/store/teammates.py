"""Teammates, where they may go, and their sessions."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, open_untenanted
from services.gateway.domain.permissions import Role
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import memberships, sessions, teammates, tenants


@dataclass(frozen=True, slots=True)
class Teammate:
    teammate_id: str
    email: str
    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Membership:
    """One tenant a teammate may enter."""

    tenant_id: str
    tenant_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """Who a cookie stands for, and the tenant they chose."""

    teammate_id: str
    name: str
    email: str
    tenant_id: str
    memberships: tuple[Membership, ...]


async def load_teammate(engine: AsyncEngine, email: str) -> Teammate | None:
    query = sa.select(*(teammates.c[name] for name in Teammate.__slots__)).where(teammates.c.email == email)
    async with open_untenanted(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Teammate(**row._mapping) if row else None


async def save_teammate(
    engine: AsyncEngine, tenant_id: str, role: str, teammate: Teammate
) -> tuple[str, bool]:
    """Add a teammate to a tenant; one who is known keeps their name and password. (id, newly known)."""
    known = (
        insert(teammates)
        .values(
            teammate_id=teammate.teammate_id,
            email=teammate.email,
            name=teammate.name,
            password_hash=teammate.password_hash,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(teammates.c.teammate_id)
    )
    async with open_transaction(engine, tenant_id) as connection:
        created = (await connection.execute(known)).scalar_one_or_none()
        teammate_id = (
            created
            or (
                await connection.execute(
                    sa.select(teammates.c.teammate_id).where(teammates.c.email == teammate.email)
                )
            ).scalar_one()
        )
        member = insert(memberships).values(tenant_id=tenant_id, teammate_id=teammate_id, role=role)
        await connection.execute(
            member.on_conflict_do_update(index_elements=["tenant_id", "teammate_id"], set_={"role": role})
        )
    return teammate_id, created is not None


async def load_memberships(engine: AsyncEngine, teammate_id: str) -> list[Membership]:
    async with lookup_transaction(engine) as connection:
        return await _memberships(connection, teammate_id)


async def _memberships(connection: AsyncConnection, teammate_id: str) -> list[Membership]:
    query = (
        sa.select(memberships.c.tenant_id, tenants.c.name.label("tenant_name"), memberships.c.role)
        .join(tenants, tenants.c.tenant_id == memberships.c.tenant_id)
        .where(memberships.c.teammate_id == teammate_id)
        .order_by(tenants.c.created_at, tenants.c.tenant_id)
    )
    return [Membership(**row._mapping) for row in await connection.execute(query)]


async def save_session(
    engine: AsyncEngine, token_hash: bytes, teammate_id: str, tenant_id: str, expires_at: datetime
) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.insert(sessions).values(
                token_hash=token_hash,
                teammate_id=teammate_id,
                chosen_tenant=tenant_id,
                expires_at=expires_at,
            )
        )


async def load_session(engine: AsyncEngine, token_hash: bytes) -> Session | None:
    """None when there is none in force, or its teammate has lost the chosen tenant and every other."""
    query = (
        sa.select(sessions.c.teammate_id, sessions.c.chosen_tenant, teammates.c.name, teammates.c.email)
        .join(teammates, teammates.c.teammate_id == sessions.c.teammate_id)
        .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > sa.func.now())
    )
    async with lookup_transaction(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        allowed = await _memberships(connection, row.teammate_id)
    if not allowed:
        return None
    ids = [membership.tenant_id for membership in allowed]
    chosen = row.chosen_tenant if row.chosen_tenant in ids else ids[0]
    return Session(row.teammate_id, row.name, row.email, chosen, tuple(allowed))


async def choose_tenant(engine: AsyncEngine, token_hash: bytes, tenant_id: str) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(sessions).where(sessions.c.token_hash == token_hash).values(chosen_tenant=tenant_id)
        )


async def delete_session(engine: AsyncEngine, token_hash: bytes) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


async def delete_expired_sessions(engine: AsyncEngine) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(sessions).where(sessions.c.expires_at < sa.func.now()))
