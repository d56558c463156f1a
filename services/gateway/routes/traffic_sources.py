"""Where people came from, what became of them, and what that cost; costs are put in here too."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from contracts.insight.v1 import people_reports_service_pb2 as pb
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, PartsOf, Storable
from services.gateway.routes.presence import while_there
from services.gateway.routes.report_answers import (
    CSV,
    PeopleNumber,
    ReportAsOf,
    people_number,
    report_as_of,
    report_file,
    said,
)
from services.gateway.routes.report_scope import Scope

router = APIRouter(tags=["reports"])

_MOST_ROWS = 100
_MOST_PAGES = 100
_MOST_DAYS = 800
_SOURCES = "traffic sources"
_COSTS = "ad costs"
_Of = Literal["first_visit", "visits"]
_OF: Mapping[str, pb.SourceOf.ValueType] = {
    "first_visit": pb.SOURCE_OF_FIRST_VISIT,
    "visits": pb.SOURCE_OF_VISITS,
}
Of = Annotated[
    _Of, Query(description="The person's first source, or that of each visit 首次來源或每次造訪來源")
]
From = Annotated[date | None, Query(alias="from", description="First local day")]
To = Annotated[date | None, Query(alias="to", description="Last local day, included")]


class SourceCost(BaseModel):
    """Imported costs of the window. Amounts are exact decimal text in the tenant's currency."""

    amount: str | None = Field(description="null where a part has no exchange rate 無匯率時為 null")
    days: int = Field(description="Days of the window that have a cost")
    unconverted: dict[str, str] = Field(description="What has no rate, by currency; not in `amount`")
    per_visit: str | None
    per_new_member: str | None
    per_buyer: str | None
    return_on_spend: str | None = Field(description="Revenue for each unit of cost 廣告投資報酬率 ROAS")


class TrafficSource(BaseModel):
    source: str = Field(description='"google / cpc"; search, social, referral, direct, offline; "": unknown')
    visits: int
    visitors: PeopleNumber
    new_members: PeopleNumber = Field(description="Became members in the window 新入會")
    buyers: PeopleNumber = Field(description="Ordered in the window, wherever")
    orders: int
    revenue: str = Field(description="Net, exact decimal text")
    average_order_value: str | None
    new_members_per_visitor: float | None
    buyers_per_visitor: float | None = Field(description="More than 1 where people buy without a visit")
    cost: SourceCost | None = Field(description="null: nothing was imported, so it is unknown and not 0")


class TrafficSources(ReportAsOf):
    sources: list[TrafficSource] = Field(description="The most visits first")
    total: TrafficSource = Field(description="Of all pages, each person once")
    source_count: int
    currency: str
    first_on: date
    last_on: date
    next_cursor: str | None


@router.get("/v1/reports/traffic-sources", summary="Where people came from 流量來源成效")
async def list_traffic_sources(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    scope: Scope,
    *,
    of: Of = "first_visit",
    from_on: From = None,
    to_on: To = None,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=_MOST_ROWS)] = 50,
) -> TrafficSources:
    """Visits, new members, buyers, revenue and imported cost by source; at most 800 days, by default 30.

    各來源的造訪、入會、購買、營收與廣告成本。
    """
    place = place_of(_SOURCES, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    asked = _asked(scope, of, from_on, to_on)
    asked.page_size, asked.page_token = limit, str(place[0])
    found = await while_there(request, parts.clients.people_reports.sources(principal.tenant_id, asked))
    following = cursor_of(_SOURCES, found.next_page_token) if found.next_page_token else None
    return TrafficSources(
        sources=[_source(row) for row in found.sources],
        total=_source(found.total),
        source_count=found.source_count,
        currency=found.currency,
        first_on=date.fromisoformat(found.from_on),
        last_on=date.fromisoformat(found.to_on),
        next_cursor=following,
        **report_as_of(found.as_of),
    )


@router.get("/v1/reports/traffic-sources/file", summary="Sources as CSV 下載流量來源", responses=CSV)
async def download_traffic_sources(
    request: Request,
    principal: Caller,
    parts: PartsOf,
    scope: Scope,
    *,
    of: Of = "first_visit",
    from_on: From = None,
    to_on: To = None,
) -> Response:
    """Up to 10,000 sources, all of one moment. Cells that a spreadsheet would compute begin with '."""
    asked, rows = _asked(scope, of, from_on, to_on), list[TrafficSource]()
    asked.page_size = _MOST_ROWS
    for _ in range(_MOST_PAGES):
        found = await while_there(request, parts.clients.people_reports.sources(principal.tenant_id, asked))
        rows.extend(map(_source, found.sources))
        asked.page_token = found.next_page_token
        if not asked.page_token:
            break
    head = ("source", "visits", "visitors", "new_members", "buyers", "orders", "revenue", "cost", "roas")
    return report_file("traffic-sources", head, map(_line, rows))


def _line(row: TrafficSource) -> tuple[object, ...]:
    people = (row.visitors.profiles, row.new_members.profiles, row.buyers.profiles)
    cost = (row.cost.amount, row.cost.return_on_spend) if row.cost else (None, None)
    return (row.source, row.visits, *people, row.orders, row.revenue, *cost)


def _asked(
    scope: pb.ReportScope, of: _Of, from_on: date | None, to_on: date | None
) -> pb.ListTrafficSourcesRequest:
    return pb.ListTrafficSourcesRequest(scope=scope, of=_OF[of], from_on=_text(from_on), to_on=_text(to_on))


def _source(row: pb.TrafficSource) -> TrafficSource:
    plain = ("source", "visits", "orders", "revenue", "average_order_value")
    shares = ("new_members_per_visitor", "buyers_per_visitor")
    return TrafficSource(
        visitors=people_number(row.visitors),
        new_members=people_number(row.new_members),
        buyers=people_number(row.buyers),
        cost=_cost(row.cost) if row.HasField("cost") else None,
        **said(row, *plain, *shares),
    )


def _cost(cost: pb.SourceCost) -> SourceCost:
    ratios = ("amount", "days", "per_visit", "per_new_member", "per_buyer", "return_on_spend")
    return SourceCost(unconverted=dict(cost.unconverted), **said(cost, *ratios))


def _text(on: date | None) -> str:
    return on.isoformat() if on else ""


# --- what advertising cost ---------------------------------------------------------------------------------


class DayCost(Body):
    on: date = Field(description="Local day")
    amount: Annotated[
        str, Field(max_length=64, description="Exact decimal text, 0 or more", examples=["1200.50"])
    ]
    currency: Annotated[str, Field(max_length=3, description="ISO 4217; empty: the tenant's")] = ""


Source = Annotated[
    str,
    Field(min_length=1, max_length=300, description="As reports list it", examples=["google / cpc"]),
    Storable,
]


class CostsBody(Body):
    """All that one source cost from one day to another."""

    source: Source
    from_on: date = Field(description="First local day that is replaced")
    to_on: date = Field(description="Last local day that is replaced, included")
    costs: Annotated[
        list[DayCost], Field(max_length=_MOST_DAYS, description="One a day; other days have none")
    ]


class Replaced(BaseModel):
    removed: int = Field(description="Days that had a cost before")
    stored: int


class AdCost(BaseModel):
    source: str
    on: date
    amount: str
    currency: str


class AdCosts(BaseModel):
    costs: list[AdCost] = Field(description="By source and day")
    next_cursor: str | None


class Removed(BaseModel):
    removed: int


@router.put("/v1/ad-costs", summary="Put in what a source cost 匯入廣告費用")
async def put_ad_costs(body: CostsBody, principal: Caller, parts: PartsOf) -> Replaced:
    """Takes the place of all that the source cost on these days; doing it twice changes nothing more.

    以同一來源、同一期間整批取代；重送結果相同。
    """
    days = {"from_on": body.from_on.isoformat(), "to_on": body.to_on.isoformat()}
    request = pb.ReplaceAdCostsRequest(
        source=body.source,
        costs=[
            pb.AdCost(on=one.on.isoformat(), amount=one.amount, currency=one.currency) for one in body.costs
        ],
        actor=principal.name,
        **days,
    )
    done = await parts.clients.people_reports.replace_costs(principal.tenant_id, request)
    told = days | {"removed": done.removed, "stored": done.stored}
    await parts.audit.write(principal.did("ad_costs.replaced", f"source:{body.source}", after=told))
    return Replaced(removed=done.removed, stored=done.stored)


@router.get("/v1/ad-costs", summary="What sources cost 廣告費用清單")
async def list_ad_costs(
    principal: Caller,
    parts: PartsOf,
    *,
    source: Annotated[str, Query(max_length=300, description="Only of this source"), Storable] = "",
    from_on: From = None,
    to_on: To = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> AdCosts:
    place = place_of(_COSTS, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListAdCostsRequest(
        source=source,
        from_on=_text(from_on),
        to_on=_text(to_on),
        page_size=limit,
        page_token=str(place[0]),
    )
    found = await parts.clients.people_reports.costs(principal.tenant_id, request)
    return AdCosts(
        costs=[AdCost.model_validate(said(one, *AdCost.model_fields)) for one in found.costs],
        next_cursor=cursor_of(_COSTS, found.next_page_token) if found.next_page_token else None,
    )


@router.delete("/v1/ad-costs", summary="Delete what a source cost 刪除廣告費用")
async def delete_ad_costs(
    principal: Caller,
    parts: PartsOf,
    source: Annotated[str, Query(min_length=1, max_length=300), Storable],
    from_on: Annotated[date, Query(alias="from", description="First local day")],
    to_on: Annotated[date, Query(alias="to", description="Last local day, included")],
) -> Removed:
    days = {"from_on": from_on.isoformat(), "to_on": to_on.isoformat()}
    request = pb.DeleteAdCostsRequest(source=source, **days)
    done = await parts.clients.people_reports.delete_costs(principal.tenant_id, request)
    told = days | {"removed": done.removed}
    await parts.audit.write(principal.did("ad_costs.deleted", f"source:{source}", before=told))
    return Removed(removed=done.removed)
