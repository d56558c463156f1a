"""A tenant's teammates and their roles; changes take turns, so that rules hold for two at once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.gateway.domain.permissions import Role
from services.gateway.store.tables import memberships, sessions, teammates
from services.gateway.store.teammates import Teammate

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)
_SINCE = memberships.c.created_at
_LOCK = sa.text(
    "select pg_advisory_xact_lock(hashtextextended('memberships ' || cast(:tenant_id as text), 0))"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A teammate of one tenant."""

    teammate_id: str
    email: str
    name: str
    role: Role
    since: datetime


async def load_members(
    engine: AsyncEngine, tenant_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[Member]:
    """Longest-serving first, behind a place."""
    query = _members().order_by(_SINCE, memberships.c.teammate_id).limit(limit)
    if after is not None:
        place = sa.tuple_(_SINCE, memberships.c.teammate_id)
        query = query.where(place > sa.tuple_(sa.literal(after[0], _TIME), sa.literal(after[1], _ID)))
    async with open_transaction(engine, tenant_id) as connection:
        return [Member(**row._mapping) for row in await connection.execute(query)]


async def load_with_role(connection: AsyncConnection, role: Role) -> list[Member]:
    """All of a tenant's teammates with this role."""
    return [
        Member(**row._mapping)
        for row in await connection.execute(_members().where(memberships.c.role == role))
    ]


@dataclass(frozen=True, slots=True)
class Locked:
    """A tenant's roles, held until the transaction ends."""

    actor: Role | None
    target: Member | None
    n_owners: int


async def lock_roles(connection: AsyncConnection, tenant_id: str, actor_id: str, target_id: str) -> Locked:
    """The roles of two teammates as they are once everybody before us is done."""
    await connection.execute(_LOCK, {"tenant_id": tenant_id})
    roles = sa.select(memberships.c.teammate_id, memberships.c.role)
    found = {row.teammate_id: row.role for row in await connection.execute(roles.where(_about(actor_id)))}
    target = (await connection.execute(_members().where(_about(target_id)))).one_or_none()
    owners = sa.select(sa.func.count()).select_from(memberships).where(memberships.c.role == "owner")
    n_owners = (await connection.execute(owners)).scalar_one()
    return Locked(found.get(actor_id), Member(**target._mapping) if target else None, n_owners)


async def is_member(connection: AsyncConnection, email: str) -> bool:
    query = _members().where(teammates.c.email == email)
    return (await connection.execute(query)).first() is not None


async def save_teammate(connection: AsyncConnection, new: Teammate) -> bool:
    """False, and nothing changed, when somebody has this address."""
    row = {name: getattr(new, name) for name in ("teammate_id", "email", "name", "password_hash")}
    return bool((await connection.execute(insert(teammates).values(**row).on_conflict_do_nothing())).rowcount)


async def load_id(connection: AsyncConnection, email: str) -> str:
    """Of a teammate who exists."""
    query = sa.select(teammates.c.teammate_id).where(teammates.c.email == email)
    return str((await connection.execute(query)).scalar_one())


async def put_role(connection: AsyncConnection, tenant_id: str, teammate_id: str, role: Role) -> None:
    """Whether they are in already or not."""
    member = insert(memberships).values(tenant_id=tenant_id, teammate_id=teammate_id, role=role)
    await connection.execute(
        member.on_conflict_do_update(index_elements=["tenant_id", "teammate_id"], set_={"role": role})
    )


async def save_membership(connection: AsyncConnection, tenant_id: str, teammate_id: str, role: Role) -> bool:
    """False, and nothing changed, for somebody who is in already."""
    done = await connection.execute(
        insert(memberships)
        .values(tenant_id=tenant_id, teammate_id=teammate_id, role=role)
        .on_conflict_do_nothing()
    )
    return bool(done.rowcount)


async def load_role(connection: AsyncConnection, teammate_id: str) -> Role | None:
    """In the transaction's tenant; None for somebody who is not in."""
    role: Role | None = await connection.scalar(sa.select(memberships.c.role).where(_about(teammate_id)))
    return role


async def save_role(connection: AsyncConnection, teammate_id: str, role: Role) -> None:
    await connection.execute(sa.update(memberships).where(_about(teammate_id)).values(role=role))


async def delete_membership(connection: AsyncConnection, tenant_id: str, teammate_id: str) -> None:
    """With the sessions that had chosen this tenant; others go on elsewhere."""
    await connection.execute(sa.delete(memberships).where(_about(teammate_id)))
    here = sa.and_(sessions.c.teammate_id == teammate_id, sessions.c.chosen_tenant == tenant_id)
    await connection.execute(sa.delete(sessions).where(here))


def _about(teammate_id: str) -> sa.ColumnElement[bool]:
    return memberships.c.teammate_id == teammate_id


def _members() -> "sa.Select[tuple[str, str, str, str, datetime]]":
    return sa.select(
        memberships.c.teammate_id,
        teammates.c.email,
        teammates.c.name,
        memberships.c.role,
        _SINCE.label("since"),
    ).join(teammates, teammates.c.teammate_id == memberships.c.teammate_id)
