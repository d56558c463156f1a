"""The event store's questions: people, their events, totals."""

import re
import uuid
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import grpc
from contracts.insight.v1 import insight_service_pb2 as pb
from contracts.insight.v1 import insight_service_pb2_grpc as pb_grpc

from chassis.bus import Bus
from chassis.clickhouse import ClickHouse
from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.domain.days import is_zone
from services.insight.domain.genes.facts import Rules
from services.insight.domain.genes.rules import fault
from services.insight.domain.money import as_text
from services.insight.domain.orders import Counts
from services.insight.domain.overview import Day
from services.insight.domain.retention import MAX_RETENTION_DAYS, Retention
from services.insight.errors import (
    CurrencyNotValid,
    ErasureIdNotValid,
    GeneRulesNotValid,
    RetentionNotValid,
    SearchTooShort,
    TimeZoneNotKnown,
    TooManyProfiles,
)
from services.insight.paging import page_size, place, token
from services.insight.recent import Recent
from services.insight.reports import Summary, how_orders_count, load_overview, load_summaries, span
from services.insight.store.erasures import Erasures
from services.insight.store.queries.profile_events import (
    NEWEST,
    Place,
    Sieve,
    StoredEvent,
    load_profile_events,
)
from services.insight.store.queries.trait_search import search_traits
from services.insight.store.tenants import Tenants
from services.insight.subscriptions import STREAM

_MAX_PROFILES = 200
_MIN_SEARCH_LENGTH = 2
_CURRENCY = re.compile(r"[A-Z]{3}")

Context = grpc.aio.ServicerContext[Any, Any]


class InsightApi(pb_grpc.InsightServiceServicer):
    """contracts.insight.v1.InsightService. An answer's numbers are all of one position of the writer."""

    service_name = pb.DESCRIPTOR.services_by_name["InsightService"].full_name

    def __init__(self, clickhouse: ClickHouse, tenants: Tenants, recent: Recent, bus: Bus) -> None:
        self._clickhouse = clickhouse
        self._erasures = Erasures(clickhouse)
        self._tenants = tenants
        self._recent = recent
        self._bus = bus

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_InsightServiceServicer_to_server(self, server)

    async def GetOverview(self, request: pb.GetOverviewRequest, context: Context) -> pb.GetOverviewResponse:
        watermark = self._recent.newest(tenant())
        settings = await self._tenants.load(tenant())
        now = datetime.now(UTC)
        range_ = span(request.from_on, request.to_on, settings.time_zone, now)
        found = await load_overview(
            self._clickhouse, tenant(), watermark.position, how_orders_count(settings, now), range_
        )
        return pb.GetOverviewResponse(
            days=[_day(day) for day in found.days],
            total=_day(found.total),
            currency=settings.currency,
            time_zone=settings.time_zone,
            unconverted=[
                pb.UnconvertedRevenue(revenue=pb.Money(amount=as_text(amount), currency=code), orders=orders)
                for code, (amount, orders) in sorted(found.unconverted.items())
            ],
            watermark=watermark_message(watermark),
            unpriced_orders=found.unpriced_orders,
        )

    async def BatchGetProfileSummaries(
        self, request: pb.BatchGetProfileSummariesRequest, context: Context
    ) -> pb.BatchGetProfileSummariesResponse:
        if len(request.profile_ids) > _MAX_PROFILES:
            raise TooManyProfiles("Ask for at most 200 profiles.", profiles=len(request.profile_ids))
        watermark = self._recent.newest(tenant())
        answer = pb.BatchGetProfileSummariesResponse(watermark=watermark_message(watermark))
        if request.profile_ids:
            settings = await self._tenants.load(tenant())
            how = how_orders_count(settings, datetime.now(UTC))
            summaries = await load_summaries(
                self._clickhouse, tenant(), watermark.position, how, list(request.profile_ids)
            )
            answer.profiles.extend(_summary(summary, settings.currency) for summary in summaries)
        return answer

    async def ListProfileEvents(
        self, request: pb.ListProfileEventsRequest, context: Context
    ) -> pb.ListProfileEventsResponse:
        size = page_size(request.page_size)
        before = Place(*place(request.page_token)) if request.page_token else NEWEST
        watermark = self._recent.newest(tenant())
        events = await load_profile_events(
            self._clickhouse,
            tenant(),
            watermark.position,
            request.profile_id,
            before=before,
            n_events=size + 1,
            sieve=_sieve(request),
        )
        answer = pb.ListProfileEventsResponse(
            events=[_event(event) for event in events[:size]], watermark=watermark_message(watermark)
        )
        if len(events) > size:
            last = events[size - 1].place
            answer.next_page_token = token(last.at, last.position, last.row)
        return answer

    async def SearchTraits(
        self, request: pb.SearchTraitsRequest, context: Context
    ) -> pb.SearchTraitsResponse:
        size = page_size(request.page_size)
        after = place(request.page_token)[0] if request.page_token else -1
        if len(request.text) < _MIN_SEARCH_LENGTH:
            raise SearchTooShort("Search for at least two characters.")
        watermark = self._recent.newest(tenant())
        profiles = await search_traits(
            self._clickhouse, tenant(), watermark.position, request.text, after=after, n_profiles=size + 1
        )
        answer = pb.SearchTraitsResponse(profile_ids=profiles[:size], watermark=watermark_message(watermark))
        if len(profiles) > size:
            answer.next_page_token = token(profiles[size - 1])
        return answer

    async def GetWatermark(
        self, request: pb.GetWatermarkRequest, context: Context
    ) -> pb.GetWatermarkResponse:
        _, last = await self._bus.bounds(STREAM)
        watermark = self._recent.newest(tenant())
        return pb.GetWatermarkResponse(
            watermark=watermark_message(watermark), messages_behind=max(0, last - watermark.position)
        )

    async def PutTenant(self, request: pb.PutTenantRequest, context: Context) -> pb.PutTenantResponse:
        if not is_zone(request.time_zone):
            raise TimeZoneNotKnown(
                "Send an IANA time zone such as Asia/Taipei.", time_zone=request.time_zone[:64]
            )
        if not _CURRENCY.fullmatch(request.currency):
            raise CurrencyNotValid("Send an ISO 4217 code such as TWD.", currency=request.currency[:64])
        await self._tenants.save(
            tenant(), request.time_zone, request.currency, _retention(request), _rules(request)
        )
        return pb.PutTenantResponse()

    async def GetErasure(self, request: pb.GetErasureRequest, context: Context) -> pb.GetErasureResponse:
        try:
            erasure_id = str(uuid.UUID(request.erasure_id))
        except ValueError as error:
            raise ErasureIdNotValid("Send the UUID of an erasure.") from error
        answer = pb.GetErasureResponse()
        found = await self._erasures.erasure(tenant(), erasure_id)
        if found is not None:
            # From then on nobody is told of them.
            self._recent.newest(tenant())
            hidden_at, clean_at = found
            answer.hidden_at.FromDatetime(hidden_at)
            if clean_at is not None:
                answer.files_clean_at.FromDatetime(clean_at)
        return answer

    async def GetDeletion(self, request: pb.GetDeletionRequest, context: Context) -> pb.GetDeletionResponse:
        return pb.GetDeletionResponse(done=await self._erasures.forgotten(tenant()))


def _retention(request: pb.PutTenantRequest) -> Retention | None:
    """None where the caller says nothing of it."""
    if not request.HasField("retention"):
        return None
    sent = request.retention
    if sent.days > MAX_RETENTION_DAYS:
        raise RetentionNotValid(f"Keep events for at most {MAX_RETENTION_DAYS} days.", days=sent.days)
    return Retention(sent.days, sent.keep_first_seen, sent.keep_orders)


def _rules(request: pb.PutTenantRequest) -> Rules | None:
    """None where the caller says nothing of them."""
    if not request.HasField("genes"):
        return None
    genes = request.genes
    said = {field.name: getattr(genes, field.name) for field in fields(Rules) if field.name != "order_counts"}
    # A gateway of before these two says neither.
    rules = Rules(**said | {"return_days": genes.return_days or Rules().return_days})
    if genes.order_counts:
        counts = Counts(pb.OrderCounts.Name(genes.order_counts).removeprefix("ORDER_COUNTS_").lower())
        rules = replace(rules, order_counts=counts)
    if problem := fault(rules):
        raise GeneRulesNotValid(problem)
    return rules


def _day(day: Day) -> pb.OverviewDay:
    return pb.OverviewDay(
        on=day.on.isoformat() if day.on else "",
        visitors=day.visitors,
        members=day.members,
        orders=day.orders,
        refunds=day.refunds,
        revenue=as_text(day.revenue),
        events=day.events,
    )


def _summary(summary: Summary, currency: str) -> pb.ProfileSummary:
    money = summary.revenue
    answer = pb.ProfileSummary(
        profile_id=summary.profile_id,
        orders=money.orders,
        revenue=pb.Money(amount=as_text(money.amount), currency=currency),
        unconverted_orders=sum(orders for _, orders in money.unconverted.values()),
    )
    if summary.activity is not None:
        answer.events = summary.activity.events
        answer.first_seen_at.FromDatetime(summary.activity.first_seen_at)
        if summary.activity.last_seen_at is not None:
            answer.last_seen_at.FromDatetime(summary.activity.last_seen_at)
    for trait in summary.traits:
        said = answer.traits.add(name=trait.name, value_json=trait.value)
        said.set_at.FromDatetime(trait.set_at)
    return answer


def _sieve(request: pb.ListProfileEventsRequest) -> Sieve:
    asked = Sieve(kinds=list(request.kinds), names=list(request.names))
    if request.HasField("not_before"):
        asked = replace(asked, from_ms=request.not_before.ToMilliseconds())
    return replace(asked, to_ms=request.before.ToMilliseconds()) if request.HasField("before") else asked


def _event(event: StoredEvent) -> pb.Event:
    answer = pb.Event(
        kind=event.kind,  # type: ignore[arg-type]  # stored as the enum's number
        name=event.name,
        message_id=event.message_id,
        nid=event.nid,
        channel=event.channel,
        payload_json=event.payload,
    )
    answer.occurred_at.FromDatetime(event.occurred_at)
    answer.received_at.FromDatetime(event.received_at)
    return answer
