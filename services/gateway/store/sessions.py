"""Sessions: who a cookie stands for, since when, from where, and until when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.impersonations import Acting, load_acting
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.operators import operators
from services.gateway.store.tables import sessions, teammates
from services.gateway.store.teammates import Membership, load_memberships_in

Method = Literal["password", "passkey", "sso"]
# Written at most so often: a busy page asks several times a second.
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Who a cookie stands for, and the tenant they chose."""

    session_id: str
    teammate_id: str
    name: str
    email: str
    language: str
    tenant_id: str
    memberships: tuple[Membership, ...]
    method: Method
    # Whether they showed a second factor, or a passkey that verified them.
    second_factor: bool
    authenticated_at: datetime
    # That tenant's identity provider vouches for them, and for no other tenant; None: they did themselves.
    only_tenant: str | None
    # Whether the installation made them an operator of the platform.
    operator: bool = False
    # As an operator inside a tenant: then `tenant_id` and `memberships` are that tenant alone.
    acting: Acting | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins."""

    token_hash: bytes
    teammate_id: str
    method: Method
    second_factor: bool
    only_tenant: str | None
    browser: str
    address: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as its teammate's list tells it."""

    session_id: str
    browser: str
    address: str
    method: Method
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts at most, and while nobody uses it."""

    absolute: timedelta
    idle: timedelta


async def save_session(connection: AsyncConnection, new: NewSession, lifetime: timedelta) -> datetime:
    """When it ends."""
    row = await connection.execute(
        sa.insert(sessions)
        .values(
            **{name: getattr(new, name) for name in NewSession.__slots__},
            expires_at=sa.func.now() + sa.literal(lifetime),
        )
        .returning(sessions.c.expires_at)
    )
    ends_at: datetime = row.scalar_one()
    return ends_at


async def load_session(engine: AsyncEngine, token_hash: bytes, idle: timedelta) -> Session | None:
    """None when there is none in force, or its teammate has no tenant left to enter."""
    names = ("session_id", "teammate_id", "method", "second_factor", "authenticated_at", "only_tenant")
    query = (
        sa.select(
            *(sessions.c[name] for name in names),
            sessions.c.chosen_tenant,
            (sessions.c.last_used_at < sa.func.now() - sa.literal(_USED_EVERY)).label("stale"),
            teammates.c.name,
            teammates.c.email,
            teammates.c.language,
            operators.c.teammate_id.is_not(None).label("operator"),
        )
        .join(teammates, teammates.c.teammate_id == sessions.c.teammate_id)
        .outerjoin(operators, operators.c.teammate_id == sessions.c.teammate_id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > sa.func.now(),
            sessions.c.last_used_at > sa.func.now() - sa.literal(idle),
        )
    )
    async with lookup_transaction(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        acting = await load_acting(connection, row.session_id) if row.operator else None
        if acting is not None:
            allowed = [
                Membership(acting.tenant_id, acting.tenant_name, acting.role, False, acting.closing_at)
            ]
        else:
            allowed = _within(await load_memberships_in(connection, row.teammate_id), row.only_tenant)
        if row.stale:
            await connection.execute(
                sa.update(sessions)
                .where(sessions.c.token_hash == token_hash)
                .values(last_used_at=sa.func.now())
            )
    if not allowed and not row.operator:
        return None
    ids = [membership.tenant_id for membership in allowed]
    return Session(
        name=row.name,
        email=row.email,
        language=row.language,
        tenant_id=row.chosen_tenant if row.chosen_tenant in ids else next(iter(ids), ""),
        memberships=tuple(allowed),
        operator=row.operator,
        acting=acting,
        **{name: getattr(row, name) for name in names},
    )


def _within(memberships: list[Membership], only_tenant: str | None) -> list[Membership]:
    """What a session may enter; whom a tenant's provider vouches for is never more than an admin there.

    Whoever sets up the provider can become anybody it names, and an admin must not become an owner so.
    """
    if only_tenant is None:
        return memberships
    return [
        replace(membership, role="admin") if membership.role == "owner" else membership
        for membership in memberships
        if membership.tenant_id == only_tenant
    ]


async def may_enter(engine: AsyncEngine, teammate_id: str) -> bool:
    """Whether there is anything to sign in for: a tenant, or the platform itself."""
    operator = sa.select(sa.literal(1)).where(operators.c.teammate_id == teammate_id)
    async with lookup_transaction(engine) as connection:
        if await load_memberships_in(connection, teammate_id):
            return True
        return await connection.scalar(operator) is not None


async def choose_tenant(engine: AsyncEngine, session_id: str, tenant_id: str) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(sessions).where(sessions.c.session_id == session_id).values(chosen_tenant=tenant_id)
        )


async def renew_session(
    connection: AsyncConnection, session_id: str, token_hash: bytes, *, second_factor: bool
) -> None:
    """A new token, because its teammate has just shown again who they are; the old one is good no more."""
    await connection.execute(
        sa.update(sessions)
        .where(sessions.c.session_id == session_id)
        .values(
            token_hash=token_hash,
            second_factor=second_factor,
            authenticated_at=sa.func.now(),
            last_used_at=sa.func.now(),
        )
    )


async def load_session_lines(
    engine: AsyncEngine, teammate_id: str, idle: timedelta, *, after: tuple[datetime, str] | None, limit: int
) -> list[SessionLine]:
    """Sessions in force, newest first, behind a place."""
    query = (
        sa.select(*(sessions.c[name] for name in SessionLine.__slots__))
        .where(
            sessions.c.teammate_id == teammate_id,
            sessions.c.expires_at > sa.func.now(),
            sessions.c.last_used_at > sa.func.now() - sa.literal(idle),
        )
        .order_by(sessions.c.created_at.desc(), sessions.c.session_id)
        .limit(limit)
    )
    if after is not None:
        place = sa.or_(
            sessions.c.created_at < after[0],
            sa.and_(sessions.c.created_at == after[0], sessions.c.session_id > after[1]),
        )
        query = query.where(place)
    async with open_untenanted(engine) as connection:
        return [SessionLine(**row._mapping) for row in await connection.execute(query)]


async def delete_session(connection: AsyncConnection, teammate_id: str, session_id: str) -> bool:
    """Whether there was one."""
    done = await connection.execute(
        sa.delete(sessions).where(sessions.c.session_id == session_id, sessions.c.teammate_id == teammate_id)
    )
    return done.rowcount > 0


async def delete_sessions(connection: AsyncConnection, teammate_id: str, *, but: str | None = None) -> int:
    """All of a teammate's but one; how many."""
    query = sa.delete(sessions).where(sessions.c.teammate_id == teammate_id)
    if but is not None:
        query = query.where(sessions.c.session_id != but)
    return (await connection.execute(query)).rowcount


async def delete_ended_sessions(engine: AsyncEngine, idle: timedelta) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.delete(sessions).where(
                sa.or_(
                    sessions.c.expires_at < sa.func.now(),
                    sessions.c.last_used_at < sa.func.now() - sa.literal(idle),
                )
            )
        )
