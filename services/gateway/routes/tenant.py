"""The tenant itself, its keys, and whether the gateway is well."""

import secrets
import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import open_transaction
from services.gateway.domain.keys import KeyKind, key_from
from services.gateway.errors import KeyNotFound, TenantNotFound
from services.gateway.routes.parts import Caller, PartsOf, Storable
from services.gateway.store import tenants
from services.gateway.store.tenants import KeyRow, NewKey, Tenant

router = APIRouter()


class TenantAnswer(BaseModel):
    id: str
    name: str
    time_zone: str
    currency: str
    locale: str
    events_per_second: float
    demo: bool
    created_at: datetime


class KeyAnswer(BaseModel):
    """A key as it can still be told: its beginning and end."""

    id: str
    kind: KeyKind
    name: str
    hint: str = Field(description="Beginning and last four characters")
    allowed_origins: list[str]
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyList(BaseModel):
    keys: list[KeyAnswer]


def _origin(text: str) -> str:
    if not text.startswith(("https://", "http://")) or text.count("/") != 2 or " " in text:
        raise ValueError("an origin is scheme, host and port, as in https://shop.example")
    return text.lower()


class NewKeyBody(BaseModel):
    kind: KeyKind = Field(description="browser: may be read by anybody, only sends. server: keep it secret")
    name: Annotated[str, Field(min_length=1, max_length=100), Storable] = "key"
    allowed_origins: Annotated[
        list[Annotated[str, Field(max_length=253), Storable, AfterValidator(_origin)]],
        Field(max_length=50, description="Pages that may send with it; none: any page"),
    ] = []
    scopes: Annotated[
        list[Literal["read", "manage"]],
        Field(max_length=2, description="What a server key may do beyond sending events"),
    ] = ["read"]


class NewKeyAnswer(KeyAnswer):
    key: str = Field(description="Shown once. 只顯示一次")


class Health(BaseModel):
    status: Literal["ok"]
    bus: Literal["connected", "away"]


@router.get("/v1/tenant", tags=["tenant"], summary="The tenant of the key or session 目前的商店")
async def get_tenant(principal: Caller, parts: PartsOf) -> TenantAnswer:
    found = await tenants.load_tenant(parts.engine, principal.tenant_id)
    if found is None:
        raise TenantNotFound("The tenant does not exist any more.")
    return tenant_answer(found)


def tenant_answer(tenant: Tenant) -> TenantAnswer:
    """A stored tenant as the API tells it."""
    return TenantAnswer(
        id=tenant.tenant_id,
        name=tenant.name,
        time_zone=tenant.time_zone,
        currency=tenant.currency,
        locale=tenant.locale,
        events_per_second=tenant.events_per_second,
        demo=tenant.demo,
        created_at=tenant.created_at,
    )


@router.get("/v1/keys", tags=["keys"], summary="Keys, revoked ones too 金鑰清單")
async def list_keys(principal: Caller, parts: PartsOf) -> KeyList:
    found = await tenants.load_keys(parts.engine, principal.tenant_id)
    return KeyList(keys=[_key_answer(key) for key in found])


@router.post("/v1/keys", tags=["keys"], status_code=201, summary="Make a key 建立金鑰")
async def make_key(body: NewKeyBody, principal: Caller, parts: PartsOf) -> NewKeyAnswer:
    """To rotate: make a new key, use it, then revoke the old one. Several may be in force at once."""
    new = NewKey(
        key_id=str(uuid.uuid4()),
        kind=body.kind,
        name=body.name,
        key=key_from(body.kind, secrets.token_bytes(32)),
        allowed_origins=body.allowed_origins if body.kind == "browser" else (),
        scopes=sorted(set(body.scopes)) if body.kind == "server" else (),
    )
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        await tenants.save_key(connection, principal.tenant_id, new)
    await parts.keys.refresh()
    stored = await tenants.load_keys(parts.engine, principal.tenant_id)
    row = next(key for key in stored if key.key_id == new.key_id)
    return NewKeyAnswer(key=new.key, **_key_answer(row).model_dump())


@router.delete("/v1/keys/{key_id}", tags=["keys"], status_code=204, summary="Revoke a key 停用金鑰")
async def revoke_key(key_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """At once at this gateway, within two seconds at others."""
    if not await tenants.revoke_key(parts.engine, principal.tenant_id, str(key_id)):
        raise KeyNotFound("There is no such key in force.")
    await parts.keys.refresh()
    return Response(status_code=204)


@router.get("/v1/health", tags=["health"], summary="Whether the gateway is well 服務狀態")
async def get_health(parts: PartsOf) -> Health:
    """Needs no key and asks no database: events are accepted while the bus is connected."""
    return Health(status="ok", bus="connected" if parts.bus.connected else "away")


def _key_answer(key: KeyRow) -> KeyAnswer:
    return KeyAnswer(
        id=key.key_id,
        kind=key.kind,
        name=key.name,
        hint=f"{key.prefix}…{key.last4}",
        allowed_origins=list(key.allowed_origins),
        scopes=list(key.scopes),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
