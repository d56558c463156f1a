"""How much a tenant may send or ask: a steady rate with room for bursts (GCRA)."""

# How far ahead of its rate a tenant may be: what a shop's server flushes after an outage is no abuse.
BURST_SECONDS = 10.0
_FORGET_FROM = 10_000


class Quotas:
    """For each tenant the moment at which all it has sent would have come in at its rate."""

    def __init__(self) -> None:
        self._even_at: dict[str, float] = {}

    def wait_seconds(self, tenant_id: str, now: float) -> float:
        """How long until the tenant may send again; 0 or less: at once."""
        return self._even_at.get(tenant_id, now) - now - BURST_SECONDS

    def left(self, tenant_id: str, rate: float, now: float) -> int:
        """How many more may come at once, at `rate` a second."""
        return max(0, int(-self.wait_seconds(tenant_id, now) * rate))

    def charge(self, tenant_id: str, events: int, events_per_second: float, now: float) -> None:
        """Count events; a batch may run into debt as a whole, so that even a large one is taken some time."""
        even_at = self._even_at
        even_at[tenant_id] = max(even_at.get(tenant_id, now), now) + events / events_per_second
        if len(even_at) > _FORGET_FROM:
            self._even_at = {tenant: moment for tenant, moment in even_at.items() if moment > now}
