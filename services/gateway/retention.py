"""How long things are kept: tells insight a tenant's settings, and deletes the gateway's own old rows."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from contracts.insight.v1 import insight_service_pb2 as insight_pb

from chassis.database import DatabaseUnavailable, Engine
from chassis.errors import Unavailable
from services.gateway.clients import Clients
from services.gateway.duties import Later
from services.gateway.erasures import EXPORTS
from services.gateway.files import Files
from services.gateway.store import exports, operators, privacy, segment_exports, tenants
from services.gateway.store.duties import Duty

log = logging.getLogger(__name__)

PUSH_TENANT = "push_tenant"
GENE_RULES = tuple(insight_pb.GeneRules.DESCRIPTOR.fields_by_name)

# A bad row is there to be repaired; whoever has not by then will not.
_BAD_ROWS_DAYS = 90
_AT_ONCE = 5_000


class Retention:
    """What the gateway does about it."""

    def __init__(self, engine: Engine, clients: Clients, files: Files, every_seconds: float) -> None:
        self._engine = engine
        self._clients = clients
        self._files = files
        self._every_seconds = every_seconds

    async def push(self, duty: Duty) -> Later | None:
        """The duty PUSH_TENANT: the settings as they are now, whichever change asked for it."""
        tenant = await tenants.load_tenant(self._engine, duty.tenant_id)
        if tenant is not None:
            retention = insight_pb.Retention(
                days=tenant.retention_days or 0,
                keep_first_seen=tenant.keep_first_seen,
                keep_orders=tenant.keep_orders,
            )
            genes = insight_pb.GeneRules(
                **{name: getattr(tenant, name) for name in GENE_RULES if name != "order_counts"},
                order_counts=insight_pb.OrderCounts.Value(f"ORDER_COUNTS_{tenant.order_counts.upper()}"),
            )
            await self._clients.insight.put_tenant(
                tenant.tenant_id, tenant.time_zone, tenant.currency, retention, genes
            )
        return None

    async def keep(self) -> None:
        """Delete what is too old, for ever."""
        while True:
            try:
                async for tenant_id in operators.each_tenant(self._engine):
                    await self._delete_old(tenant_id)
                    for table in (exports, segment_exports):
                        for export_id in await table.delete_expired(self._engine, tenant_id):
                            await self._files.delete(tenant_id, EXPORTS, export_id)
                # Files whose row was lost in a crash between the two.
                days = timedelta(days=_BAD_ROWS_DAYS)
                await self._files.delete_expired(EXPORTS, datetime.now(UTC) - days)
            except (DatabaseUnavailable, Unavailable) as error:
                log.warning("retention_waiting", extra={"reason": error.reason})
            await asyncio.sleep(self._every_seconds)

    async def _delete_old(self, tenant_id: str) -> None:
        tenant = await tenants.load_tenant(self._engine, tenant_id)
        if tenant is None:
            return
        days = min(tenant.retention_days or _BAD_ROWS_DAYS, _BAD_ROWS_DAYS)
        before = datetime.now(UTC) - timedelta(days=days)
        while await privacy.delete_old_bad_rows(self._engine, tenant_id, before, _AT_ONCE):
            await asyncio.sleep(0)
