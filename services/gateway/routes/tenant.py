"""The tenant itself, and whether the gateway is well."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from services.gateway.errors import TenantNotFound
from services.gateway.routes.parts import Caller, PartsOf
from services.gateway.store import tenants
from services.gateway.store.tenants import Tenant

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


@router.get("/v1/health", tags=["health"], summary="Whether the gateway is well 服務狀態")
async def get_health(parts: PartsOf) -> Health:
    """Needs no key and asks no database: events are accepted while the bus is connected."""
    return Health(status="ok", bus="connected" if parts.bus.connected else "away")
