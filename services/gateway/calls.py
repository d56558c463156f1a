"""How often a tenant may call the open API, and the headers that tell callers how much is left."""

import time
from collections.abc import Callable

from services.gateway.domain.quota import BURST_SECONDS, Quotas
from services.gateway.errors.requests import TooManyCalls


class Calls:
    """One process' count; behind several gateways a tenant has the rate at each."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._quotas = Quotas()

    def admit(self, tenant_id: str, calls_per_second: float) -> list[tuple[bytes, bytes]]:
        """Count one call; returns headers of its answer (draft-ietf-httpapi-ratelimit-headers-10).

        Raises TooManyCalls while the tenant is over its rate.
        """
        now = self._now()
        wait_seconds = self._quotas.wait_seconds(tenant_id, now)
        if wait_seconds > 0:
            raise TooManyCalls(
                "The tenant calls the API more often than its quota allows.",
                retry_after_seconds=int(wait_seconds) + 1,
                calls_per_second=calls_per_second,
            )
        self._quotas.charge(tenant_id, 1, calls_per_second, now)
        left = self._quotas.left(tenant_id, calls_per_second, now)
        quota = int(BURST_SECONDS * calls_per_second)
        return [
            (b"ratelimit-policy", f'"calls";q={quota};w={BURST_SECONDS:.0f}'.encode()),
            (b"ratelimit", f'"calls";r={left};t=1'.encode()),
        ]
