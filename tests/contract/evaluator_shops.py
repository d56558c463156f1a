"""Writes what happened to a tenant as the writer does, with real engines, for whoever evaluates it."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.bus import Message
from chassis.clickhouse import ClickHouse, migrate_clickhouse, open_clickhouse
from chassis.database import open_engine, open_transaction
from services.insight.domain.segments.tree import Node
from services.insight.store.events import EventStore
from services.insight.store.rows import Block
from services.insight.store.tenants import Tenants
from services.insight.subscriptions import ERASED, REACHABILITY, REMAPPED, RESOLVED, Rows
from tests.conftest import ROOT, Engines
from tests.gene_reference import Event, History, Saved, Settings
from tests.gene_reference.history import KINDS

_RATE = sa.text(
    "insert into exchange_rates (tenant_id, currency, on_date, rate) values (:tenant, :code, :day, :rate)"
)
_RULES = sa.text(
    "update tenants set session_minutes = :session_minutes, slowing_days = :slowing_days, "
    "dormant_days = :dormant_days, lost_days = :lost_days, loyal_orders = :loyal_orders, "
    "loyal_days = :loyal_days, price_after_discount = :price_after_discount where tenant_id = :tenant"
)


@dataclass
class Shelf:
    """What trees refer to beside events, of every tenant."""

    saved: dict[str, Saved] = field(default_factory=dict)

    async def tree(self, tenant_id: str, segment_id: str) -> Node:
        return self.saved[tenant_id].segments[segment_id]

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> BitMap:
        return BitMap(self.saved[tenant_id].snapshots[snapshot_id])

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        return BitMap(self.saved[tenant_id].lists[list_id])


@dataclass(frozen=True)
class Mall:
    """Where shops are opened, and what evaluators are made of."""

    clickhouse: ClickHouse
    postgres: AsyncEngine
    shelf: Shelf

    @property
    def tenants(self) -> Tenants:
        return Tenants(self.postgres)

    async def open_shop(self, history: History, settings: Settings, saved: Saved | None = None) -> str:
        """A new tenant to whom all of this happened; its id."""
        tenant_id = str(uuid.uuid4())
        self.shelf.saved[tenant_id] = saved or Saved()
        await self._decide(tenant_id, settings)
        block, rows = Block(), Rows()
        for message in sorted(_messages(tenant_id, history), key=lambda message: message.seq):
            assert rows.add(message, block) == []
        # A store of its own each time: its tokens are of its own too.
        await EventStore(self.clickhouse).insert(block)
        if history.first_seen:
            await self.clickhouse.insert_columns(
                "first_seen",
                ["tenant_id", "nid", "first_at"],
                ["UUID", "UInt32", "DateTime64(3, 'UTC')"],
                [
                    [uuid.UUID(tenant_id)] * len(history.first_seen),
                    list(history.first_seen),
                    [datetime.fromtimestamp(at / 1000, UTC) for at in history.first_seen.values()],
                ],
            )
        return tenant_id

    async def _decide(self, tenant_id: str, settings: Settings) -> None:
        await self.tenants.save(tenant_id, settings.zone, settings.rates.home)
        rules = {name: getattr(settings.rules, name) for name in settings.rules.__slots__}
        rates = [
            {"tenant": tenant_id, "code": code, "day": on, "rate": rate}
            for code, days in settings.rates.listed().items()
            for on, rate in days
        ]
        async with open_transaction(self.postgres, tenant_id) as connection:
            await connection.execute(_RULES, {"tenant": tenant_id, **rules})
            if rates:
                await connection.execute(_RATE, rates)


@asynccontextmanager
async def open_mall(engines: Engines) -> AsyncIterator[Mall]:
    async with (
        open_engine(engines.postgres_url("insight")) as postgres,
        open_clickhouse(engines.clickhouse_url("insight")) as clickhouse,
    ):
        scripts = ROOT / "services/insight/migrations/clickhouse"
        await migrate_clickhouse(clickhouse, scripts, replicated=False)
        yield Mall(clickhouse, postgres, Shelf())


def _messages(tenant_id: str, history: History) -> Iterable[Message]:
    told: dict[int, list[Event]] = {}
    for event in history.events:
        told.setdefault(event.position, []).append(event)
    for position, events in told.items():
        yield Message(f"{RESOLVED}.{tenant_id}", position, _resolved(events))
    moved: dict[int, list[identity_pb2.Remap]] = {}
    for remap in history.remaps:
        moved.setdefault(remap.position, []).append(
            identity_pb2.Remap(nid=remap.nid, kind=remap.kind, profile_id=remap.profile_id)
        )
    for position, remaps in moved.items():
        data = identity_pb2.ProfilesRemapped(remaps=remaps).SerializeToString()
        yield Message(f"{REMAPPED}.{tenant_id}", position, data)
    reached: dict[int, list[identity_pb2.Reachability]] = {}
    for one in history.reachability:
        channels = [
            identity_pb2.ChannelReach(channel=name, reachable=name in one.channels)
            for name in ("email", "sms", "line")
        ]
        reached.setdefault(one.position, []).append(
            identity_pb2.Reachability(profile_id=one.profile_id, channels=channels)
        )
    for position, profiles in reached.items():
        data = identity_pb2.ReachabilityChanged(profiles=profiles).SerializeToString()
        yield Message(f"{REACHABILITY}.{tenant_id}", position, data)
    if history.erased:
        erased = identity_pb2.ProfileErased(erasure_id=str(uuid.uuid4()), nids=sorted(history.erased))
        yield Message(f"{ERASED}.{tenant_id}", history.position + 1, erased.SerializeToString())


def _resolved(events: list[Event]) -> bytes:
    columns = gateway_pb2.AcceptedEvents(
        sources=[
            gateway_pb2.Source(key_id="pk", kind=gateway_pb2.SOURCE_KIND_BROWSER),
            gateway_pb2.Source(key_id="sk", kind=gateway_pb2.SOURCE_KIND_SERVER),
        ]
    )
    events = sorted(events, key=lambda event: event.row)
    for event in events:
        columns.source_rows.append(event.source - 1)
        columns.kinds.append(KINDS[event.kind])  # type: ignore[arg-type]
        columns.names.append(str(event.payload.get("event", "")))
        columns.timestamps_ms.append(event.at_ms)
        columns.received_at_ms.append(event.at_ms if event.received_ms is None else event.received_ms)
        columns.message_ids.append(event.message_id or f"{event.position}-{event.row}")
        columns.user_ids.append("")
        columns.anonymous_ids.append("")
        columns.payloads.append(event.body)
    message = identity_pb2.ResolvedEvents(events=columns)
    message.nids.extend(event.nid for event in events)
    message.nid_kinds.extend(event.nid_kind for event in events)  # type: ignore[arg-type]
    return message.SerializeToString()
