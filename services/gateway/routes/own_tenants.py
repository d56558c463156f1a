"""A new shop, opened in the console by somebody who is signed in."""

import hashlib
import re
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import Connection, open_transaction
from services.gateway.audit import PLATFORM, Entry
from services.gateway.auth import address_of
from services.gateway.domain.keys import CALLS_PER_SECOND
from services.gateway.errors.requests import IdempotencyKeyMissing, IdempotencyKeyReused
from services.gateway.errors.teammates import NotWhileActing, OwnersOpenShops, TooManyShops
from services.gateway.retention import PUSH_TENANT
from services.gateway.routes.operator import time_zone_name
from services.gateway.routes.operators import may_operate
from services.gateway.routes.parts import Body, Parts, PartsOf, Storable
from services.gateway.store import duties, memberships, tenants
from services.gateway.store import requests as repeatable
from services.gateway.store.requests import Request as Repeatable
from services.gateway.store.sessions import Session

router = APIRouter(tags=["tenant"])

_CURRENCY = re.compile(r"[A-Z]{3}")


async def _owner(request: Request, parts: PartsOf) -> Session:
    """Who may open a shop, before anything else of the request is looked at."""
    session = await parts.door.sessions.load_own(request)
    if session.acting is not None:
        raise NotWhileActing("End acting first: the new shop would be yours, not theirs.")
    if not _operates(session, parts) and not (_owned(session) and parts.settings.shops_per_owner):
        raise OwnersOpenShops("Only an owner of a shop, or an operator of the platform, opens another.")
    return session


def _operates(session: Session, parts: Parts) -> bool:
    return may_operate(session, production=parts.settings.environment == "production")


def _owned(session: Session) -> int:
    return sum(membership.role == "owner" for membership in session.memberships)


Owner = Annotated[Session, Depends(_owner)]


class OwnTenant(Body):
    name: Annotated[str, Field(min_length=1, max_length=200), Storable]
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(time_zone_name)] = "Asia/Taipei"
    currency: Annotated[
        str, Field(pattern=_CURRENCY.pattern, min_length=3, max_length=3, description="Never changes")
    ] = "TWD"
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "zh-TW"


class OwnTenantAnswer(BaseModel):
    id: str
    name: str


@router.post("/v1/tenants", status_code=201, summary="Open a shop 開設商店")
async def open_tenant(
    session: Owner,
    body: OwnTenant,
    request: Request,
    parts: PartsOf,
    idempotency_key: Annotated[str, Header(max_length=255)] = "",
) -> OwnTenantAnswer:
    """For owners of a shop and for operators; the new one is theirs too. POST /v1/keys makes its first keys.

    Repeated with the same Idempotency-Key it answers with the shop that it made.
    """
    if not idempotency_key or not idempotency_key.isascii():
        raise IdempotencyKeyMissing("Opening a shop needs an Idempotency-Key.")
    # One's own: nobody else's key may stand in the way.
    key = hashlib.sha256(f"{session.teammate_id}/{idempotency_key}".encode()).hexdigest()
    first = Repeatable(hashlib.sha256(body.model_dump_json().encode()).digest(), str(uuid.uuid4()), None)
    async with open_transaction(parts.engine, first.subject) as connection:
        claimed = await repeatable.claim_request(connection, key, first)
        # A repetition makes none: it is answered whoever owns as many as they may.
        if claimed == first:
            _check_room(session, parts)
            row = body.model_dump() | {
                "tenant_id": first.subject,
                "events_per_second": parts.settings.events_per_second,
                "calls_per_second": CALLS_PER_SECOND,
                "demo": False,
            }
            await _make(connection, parts, session, row, address_of(request))
    if claimed.fingerprint != first.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key opened another shop.", tenant_id=claimed.subject)
    await parts.keys.refresh()
    # Its reports are asked for next; should this fail, the duty tells insight.
    await parts.clients.insight.put_tenant(claimed.subject, body.time_zone, body.currency)
    return OwnTenantAnswer(id=claimed.subject, name=body.name)


def _check_room(session: Session, parts: Parts) -> None:
    limit = parts.settings.shops_per_owner
    if not _operates(session, parts) and _owned(session) >= limit:
        raise TooManyShops("You own as many shops as one person may.", limit=limit)


async def _make(
    connection: Connection, parts: Parts, session: Session, row: dict[str, object], address: str
) -> None:
    """Within a transaction of the new tenant."""
    tenant_id = str(row["tenant_id"])
    await tenants.save_tenant(connection, row)
    await memberships.put_role(connection, tenant_id, session.teammate_id, "owner")
    await duties.add_duty(connection, tenant_id, PUSH_TENANT, {})
    for told in (tenant_id, PLATFORM):
        actor, subject = f"teammate:{session.teammate_id}", f"tenant:{tenant_id}"
        await parts.audit.record(connection, Entry(told, actor, "tenant.made", subject, address=address))
