"""Invitations that wait in somebody's mailbox; of their tokens only hashes are stored."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.domain.permissions import Role
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata, tenants

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

invitations = sa.Table(
    "invitations",
    metadata,
    tenant_column(),
    sa.Column("invitation_id", _ID),
    sa.Column("email", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("locale", sa.Text),
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("invited_by", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("sent_at", _TIME),
    sa.Column("expires_at", _TIME),
    sa.Column("accepted_at", _TIME),
    sa.Column("revoked_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that is open: neither accepted nor revoked, but perhaps expired."""

    tenant_id: str
    invitation_id: str
    email: str
    role: Role
    locale: str
    invited_by: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """An invitation that can be accepted, and what it is an invitation to."""

    invitation: Invitation
    tenant_name: str


_COLUMNS = [invitations.c[name] for name in Invitation.__slots__]
_OPEN = sa.and_(invitations.c.accepted_at.is_(None), invitations.c.revoked_at.is_(None))
_IN_TIME = invitations.c.expires_at > sa.func.now()
_NOW = sa.func.clock_timestamp()


async def save_invitation(
    connection: AsyncConnection, tenant_id: str, new: Invitation, token_hash: bytes
) -> bool:
    """False when one to the same address is open; one that has expired makes room."""
    expired = sa.and_(_OPEN, ~_IN_TIME, invitations.c.email == new.email)
    await connection.execute(sa.update(invitations).where(expired).values(revoked_at=_NOW))
    row = {name: getattr(new, name) for name in Invitation.__slots__}
    done = await connection.execute(
        insert(invitations)
        .values(**row | {"tenant_id": tenant_id, "token_hash": token_hash})
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "email"],
            index_where=sa.text("accepted_at is null and revoked_at is null"),
        )
    )
    return bool(done.rowcount)


async def load_invitations(
    engine: AsyncEngine, tenant_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Invitation]:
    """Open ones, newest first, behind a place."""
    query = sa.select(*_COLUMNS).where(_OPEN)
    if before is not None:
        place = sa.tuple_(invitations.c.created_at, invitations.c.invitation_id)
        query = query.where(place < sa.tuple_(sa.literal(before[0], _TIME), sa.literal(before[1], _ID)))
    query = query.order_by(invitations.c.created_at.desc(), invitations.c.invitation_id.desc()).limit(limit)
    async with open_transaction(engine, tenant_id) as connection:
        return [Invitation(**row._mapping) for row in await connection.execute(query)]


async def count_since(connection: AsyncConnection, at: datetime) -> int:
    """Invitations made since then, whatever became of them."""
    query = sa.select(sa.func.count()).select_from(invitations).where(invitations.c.created_at > at)
    return int((await connection.execute(query)).scalar_one())


async def lock_invitation(connection: AsyncConnection, invitation_id: str) -> Invitation | None:
    """An open one, held until the transaction ends."""
    query = sa.select(*_COLUMNS).where(_OPEN, invitations.c.invitation_id == invitation_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return Invitation(**row._mapping) if row else None


async def renew_invitation(
    connection: AsyncConnection, invitation_id: str, token_hash: bytes, expires_at: datetime
) -> None:
    """With another token: links in letters before stop working."""
    await connection.execute(
        sa.update(invitations)
        .where(_OPEN, invitations.c.invitation_id == invitation_id)
        .values(token_hash=token_hash, expires_at=expires_at, sent_at=_NOW)
    )


async def revoke_invitation(connection: AsyncConnection, invitation_id: str) -> None:
    await connection.execute(
        sa.update(invitations)
        .where(_OPEN, invitations.c.invitation_id == invitation_id)
        .values(revoked_at=_NOW)
    )


async def load_by_token(engine: AsyncEngine, token_hash: bytes) -> Found | None:
    """The invitation a token opens, whoever's it is; None when it opens nothing any more."""
    query = (
        sa.select(*_COLUMNS, tenants.c.name.label("tenant_name"))
        .join(tenants, tenants.c.tenant_id == invitations.c.tenant_id)
        .where(_OPEN, _IN_TIME, invitations.c.token_hash == token_hash)
    )
    async with lookup_transaction(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    facts = dict(row._mapping)
    return Found(tenant_name=facts.pop("tenant_name"), invitation=Invitation(**facts))


async def claim_invitation(connection: AsyncConnection, token_hash: bytes) -> bool:
    """Accept it; False when somebody was quicker, or it has ended meanwhile."""
    change = sa.update(invitations).where(_OPEN, _IN_TIME, invitations.c.token_hash == token_hash)
    return bool((await connection.execute(change.values(accepted_at=_NOW))).rowcount)
