"""The tenant itself and its settings, and whether the gateway is well."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from zoneinfo import available_timezones

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field

from chassis.database import open_transaction
from services.gateway.errors.requests import RequestNotValid, TenantNotFound
from services.gateway.retention import PUSH_TENANT
from services.gateway.routes.parts import Body, Caller, PartsOf, storable
from services.gateway.store import duties, tenants
from services.gateway.store.tenants import Tenant

router = APIRouter()

OrderCounts = Literal["placed", "paid", "picked_up", "return_period"]
_ORDER_COUNTS = (
    "When an order counts: placed, paid or picked up, or once it can be given back no more (鑑賞期). "
    "Its day stays that of its placing. How far it has come, events Order Updated say (status paid, shipped, "
    "ready_for_pickup, picked_up or delivered; returned, uncollected or cancelled take it back)"
)
_RETURN_DAYS = "So many days after the hand-over goods can be given back; without one, after the order"
_SEASON = "First day of the campaign season 檔期 that the team looks at"
_SEASON_BEFORE = "First day of the earlier season that it is compared with, day for day"


def _time_zone(name: str | None) -> str | None:
    if name is not None and name not in available_timezones():
        raise ValueError("must be an IANA time zone such as Asia/Taipei")
    return name


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


class TenantAnswer(BaseModel):
    id: str
    name: str
    time_zone: str
    currency: str
    locale: str
    events_per_second: float
    demo: bool
    created_at: datetime
    retention_days: int | None = Field(description="What people did longer ago is deleted; null: never")
    keep_first_seen: bool = Field(description="When a person was first seen outlives their events")
    keep_orders: bool = Field(description="A person's orders outlive their other events")
    session_minutes: int = Field(description="A visit ends after so long without an event of it")
    slowing_days: int = Field(description="Days since the last visit from which somebody is slowing 趨緩")
    dormant_days: int = Field(description="... dormant 久未造訪")
    lost_days: int = Field(description="... lost 流失訪客")
    loyal_orders: int = Field(description="A loyal customer 熟客 has at least so many orders")
    loyal_days: int = Field(description="... and one within so many days")
    price_after_discount: bool = Field(
        description="Whether the price of an order's line is what was paid; else it is the list price"
    )
    order_counts: OrderCounts = Field(description=_ORDER_COUNTS)
    return_days: int = Field(description=_RETURN_DAYS)
    season_on: date | None = Field(description=f"{_SEASON}; null: the month")
    season_before_on: date | None = Field(description=_SEASON_BEFORE)
    closing_at: datetime | None = Field(description="When the tenant's deletion was asked for")


class TenantChanges(Body):
    """What is left out stays as it is."""

    name: Annotated[str | None, Field(min_length=1, max_length=200), AfterValidator(_storable)] = None
    time_zone: Annotated[str | None, Field(max_length=64), AfterValidator(_time_zone)] = None
    locale: Annotated[str | None, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = None
    retention_days: Annotated[
        int | None, Field(ge=1, le=36_500, description="null: what people did is kept for ever")
    ] = None
    keep_first_seen: bool = True
    keep_orders: bool = True
    session_minutes: Annotated[int, Field(ge=1, le=1_440)] = 30
    slowing_days: Annotated[int, Field(ge=1, le=3_648)] = 7
    dormant_days: Annotated[int, Field(ge=2, le=3_649)] = 30
    lost_days: Annotated[int, Field(ge=3, le=3_650)] = 90
    loyal_orders: Annotated[int, Field(ge=2, le=1_000)] = 5
    loyal_days: Annotated[int, Field(ge=1, le=3_650)] = 365
    price_after_discount: bool = True
    order_counts: Annotated[OrderCounts, Field(description=_ORDER_COUNTS)] = "placed"
    return_days: Annotated[int, Field(ge=1, le=365, description=_RETURN_DAYS)] = 7
    season_on: Annotated[date | None, Field(description=f"{_SEASON}; null, as the other: the month")] = None
    season_before_on: Annotated[date | None, Field(description=_SEASON_BEFORE)] = None


class Health(BaseModel):
    status: Literal["ok"]
    bus: Literal["connected", "away"]


@router.get("/v1/tenant", tags=["tenant"], summary="The tenant of the key or session 目前的商店")
async def get_tenant(principal: Caller, parts: PartsOf) -> TenantAnswer:
    found = await tenants.load_tenant(parts.engine, principal.tenant_id)
    if found is None:
        raise TenantNotFound("The tenant does not exist any more.")
    return tenant_answer(found)


@router.patch("/v1/tenant", tags=["tenant"], summary="Change settings 變更商店設定")
async def change_tenant(body: TenantChanges, principal: Caller, parts: PartsOf) -> TenantAnswer:
    """Name, time zone, language, how long what people did is kept (shorter deletes within a day), and what
    decides genes: when a visit ends, who is slowing, dormant, lost or loyal, what the price of a line is,
    when an order counts; and the campaign season that the team looks at.
    """
    wanted = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("name", "time_zone", "locale"):
        if name in wanted and wanted[name] is None:
            raise RequestNotValid(f"{name}: must not be null; leave it out to keep it.")
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        before = await tenants.lock_tenant(connection)
        if before is None:
            raise TenantNotFound("The tenant does not exist any more.")
        changed = {name: value for name, value in wanted.items() if value != getattr(before, name)}
        if not changed:
            return tenant_answer(before)
        wished = replace(before, **changed)
        _rising(wished)
        _one_behind_the_other(wished)
        after = await tenants.change_tenant(connection, changed)
        # Insight counts by it and deletes by it: it is told until it has heard.
        await duties.add_duty(connection, principal.tenant_id, PUSH_TENANT, {})
        await parts.audit.record(
            connection,
            principal.did(
                "tenant.changed",
                f"tenant:{principal.tenant_id}",
                # A name is free text and may be a person's.
                before={name: _written(getattr(before, name)) for name in changed if name != "name"},
                after={name: _written(value) for name, value in changed.items() if name != "name"}
                | ({"name": "changed"} if "name" in changed else {}),
            ),
        )
    return tenant_answer(after)


def _rising(tenant: Tenant) -> None:
    if not tenant.slowing_days < tenant.dormant_days < tenant.lost_days:
        raise RequestNotValid(
            "slowing_days must be less than dormant_days, and dormant_days less than lost_days; they were "
            f"{tenant.slowing_days}, {tenant.dormant_days} and {tenant.lost_days}."
        )


def _one_behind_the_other(tenant: Tenant) -> None:
    season, before = tenant.season_on, tenant.season_before_on
    if (season is None) != (before is None):
        raise RequestNotValid("season_on and season_before_on are set together, or both are null.")
    if season is not None and before is not None and before >= season:
        raise RequestNotValid(
            f"season_before_on must be earlier than season_on; they were {before} and {season}."
        )


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


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
        retention_days=tenant.retention_days,
        keep_first_seen=tenant.keep_first_seen,
        keep_orders=tenant.keep_orders,
        session_minutes=tenant.session_minutes,
        slowing_days=tenant.slowing_days,
        dormant_days=tenant.dormant_days,
        lost_days=tenant.lost_days,
        loyal_orders=tenant.loyal_orders,
        loyal_days=tenant.loyal_days,
        price_after_discount=tenant.price_after_discount,
        order_counts=cast(OrderCounts, tenant.order_counts),
        return_days=tenant.return_days,
        season_on=tenant.season_on,
        season_before_on=tenant.season_before_on,
        closing_at=tenant.closing_at,
    )


@router.get("/v1/health", tags=["health"], summary="Whether the gateway is well 服務狀態")
async def get_health(parts: PartsOf) -> Health:
    """Needs no key and asks no database: events are accepted while the bus is connected."""
    return Health(status="ok", bus="connected" if parts.bus.connected else "away")
