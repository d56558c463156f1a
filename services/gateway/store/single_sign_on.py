"""Tenants' identity providers, and whom their subjects are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata, sessions, tenants

# Whom a provider vouches for is no owner.
DefaultRole = Literal["admin", "marketer", "analyst", "viewer"]

providers = sa.Table(
    "single_sign_on",
    metadata,
    tenant_column(),
    sa.Column("issuer", sa.Text),
    sa.Column("client_id", sa.Text),
    sa.Column("sealed_secret", sa.LargeBinary),
    sa.Column("email_domains", ARRAY(sa.Text)),
    sa.Column("default_role", sa.Text),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
)
subjects = sa.Table(
    "single_sign_on_subjects",
    metadata,
    tenant_column(),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("teammate_id", sa.Uuid(as_uuid=False)),
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """`default_role`: what somebody new becomes; None: only who was invited may come."""

    tenant_id: str
    issuer: str
    client_id: str
    sealed_secret: bytes
    email_domains: Sequence[str]
    default_role: DefaultRole | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A tenant whose provider knows a domain."""

    tenant_id: str
    tenant_name: str
    issuer: str


async def load_configuration(engine: AsyncEngine, tenant_id: str) -> Configuration | None:
    query = sa.select(*(providers.c[name] for name in Configuration.__slots__))
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(query.where(providers.c.tenant_id == tenant_id))).one_or_none()
    return Configuration(**row._mapping) if row else None


async def load_choices(engine: AsyncEngine, domain: str, *, limit: int) -> list[Choice]:
    """Tenants that anybody with an address in this domain may try."""
    query = (
        sa.select(providers.c.tenant_id, tenants.c.name.label("tenant_name"), providers.c.issuer)
        .join(tenants, tenants.c.tenant_id == providers.c.tenant_id)
        .where(providers.c.email_domains.contains([domain]))
        .order_by(tenants.c.created_at, tenants.c.tenant_id)
        .limit(limit)
    )
    async with lookup_transaction(engine) as connection:
        return [Choice(**row._mapping) for row in await connection.execute(query)]


async def save_configuration(connection: AsyncConnection, new: Configuration) -> None:
    values = {name: getattr(new, name) for name in Configuration.__slots__}
    values["email_domains"] = list(new.email_domains)
    changed = {name: value for name, value in values.items() if name != "tenant_id"}
    await connection.execute(
        insert(providers)
        .values(**values)
        .on_conflict_do_update(index_elements=["tenant_id"], set_=changed | {"changed_at": sa.func.now()})
    )


async def delete_configuration(connection: AsyncConnection, tenant_id: str) -> bool:
    """Whether there was one."""
    done = await connection.execute(sa.delete(providers).where(providers.c.tenant_id == tenant_id))
    return done.rowcount > 0


async def end_sessions(connection: AsyncConnection, tenant_id: str) -> None:
    """Those that the tenant's provider opened."""
    await connection.execute(sa.delete(sessions).where(sessions.c.only_tenant == tenant_id))


async def require_second_factor(connection: AsyncConnection, tenant_id: str, required: bool) -> None:
    await connection.execute(
        sa.update(tenants).where(tenants.c.tenant_id == tenant_id).values(second_factor_required=required)
    )


async def load_subject(connection: AsyncConnection, configuration: Configuration, subject: str) -> str | None:
    """The teammate whom this subject was when they first came."""
    teammate_id: str | None = await connection.scalar(
        sa.select(subjects.c.teammate_id).where(
            subjects.c.tenant_id == configuration.tenant_id,
            subjects.c.issuer == configuration.issuer,
            subjects.c.subject == subject,
        )
    )
    return teammate_id


async def save_subject(
    connection: AsyncConnection, configuration: Configuration, subject: str, teammate_id: str
) -> None:
    await connection.execute(
        insert(subjects)
        .values(
            tenant_id=configuration.tenant_id,
            issuer=configuration.issuer,
            subject=subject,
            teammate_id=teammate_id,
        )
        .on_conflict_do_nothing()
    )
