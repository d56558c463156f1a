"""The tenants in the writer's memory, each loaded when it is first needed."""

from collections.abc import Iterable, Mapping

from chassis.background import cancelled
from chassis.bus import Bus
from services.identity import subscriptions
from services.identity.domain.identifiers import Rules
from services.identity.inflows import Reading
from services.identity.publishing import Publisher
from services.identity.store.lane import Lane
from services.identity.tenants import OnBus, Tenant, load_tenant


class Tenants:
    """True only as long as every transaction was committed: after any failure it is built anew."""

    def __init__(
        self, bus: Bus, publisher: Publisher, readings: Mapping[str, Reading], rules: Rules, cached: int
    ) -> None:
        self._bus = bus
        self._publisher = publisher
        self._readings = readings
        self._rules = rules
        self._cached = cached
        self._known: dict[str, Tenant] = {}
        # How often the database turned out to be older than what it had reported.
        self.restores = 0

    def __getitem__(self, tenant_id: str) -> Tenant:
        return self._known[tenant_id]

    async def load(self, connection: Lane, tenant_ids: Iterable[str]) -> None:
        """Load those that are not in memory; not inside a transaction."""
        for tenant_id in tenant_ids:
            if tenant_id not in self._known:
                on_bus = await self._on_bus(tenant_id)
                self._known[tenant_id] = await load_tenant(
                    connection, tenant_id, self._rules, on_bus, self._cached
                )

    async def drop(self, tenant_id: str) -> None:
        """Forget one whose memory may be ahead of its tables."""
        tenant = self._known.pop(tenant_id, None)
        if tenant is not None and tenant.merging is not None:
            await cancelled(tenant.merging)

    async def leave(self) -> None:
        """Forget all."""
        for tenant_id in list(self._known):
            await self.drop(tenant_id)

    @property
    def identifiers(self) -> int:
        """How many numbers those in memory have given."""
        return sum(tenant.nid_high_water for tenant in self._known.values())

    async def _on_bus(self, tenant_id: str) -> OnBus:
        published_to, high_water = {}, 0
        for name, reading in self._readings.items():
            last = await self._publisher.last(reading.inflow.topic, tenant_id)
            resolved_from = max(0, reading.position.resolved_from)
            published_to[name], nid = subscriptions.resolved_to(last, resolved_from)
            high_water = max(high_water, nid)
        remapped = await self._publisher.last(subscriptions.REMAPPED_TOPIC, tenant_id)
        mark = await self._bus.last_message(
            subscriptions.MARKS_STREAM, f"{subscriptions.MARK_TOPIC}.{tenant_id}"
        )
        return OnBus(
            published_to,
            high_water,
            subscriptions.marked_nid(mark),
            subscriptions.remapped_to(remapped),
            self.restores,
        )
