"""Promises of the quota: a steady rate, room for bursts, nobody shut out for ever."""

from services.gateway.domain.quota import BURST_SECONDS, Quotas


def taken(quotas: Quotas, tenant_id: str, *, batch: int, rate: float, start: float, seconds: int) -> int:
    """Events taken when a tenant tries a batch every tenth of a second."""
    total = 0
    for tenth in range(seconds * 10):
        now = start + tenth / 10
        if quotas.wait_seconds(tenant_id, now) <= 0:
            quotas.charge(tenant_id, batch, rate, now)
            total += batch
    return total


def test_in_the_long_run_a_tenant_gets_its_rate_and_one_burst() -> None:
    total = taken(Quotas(), "t", batch=200, rate=100, start=50, seconds=600)
    assert 600 * 100 <= total <= (600 + BURST_SECONDS) * 100 + 2 * 200


def test_a_tenant_within_its_rate_never_waits() -> None:
    assert taken(Quotas(), "t", batch=10, rate=100, start=0, seconds=60) == 60 * 100


def test_one_tenant_far_over_its_quota_takes_nothing_from_another() -> None:
    quotas = Quotas()
    quotas.charge("loud", 1_000_000, 10, 0)
    assert quotas.wait_seconds("loud", 1) > 90_000
    assert quotas.wait_seconds("quiet", 1) <= 0


def test_a_batch_larger_than_the_burst_is_taken_once_there_is_no_debt() -> None:
    quotas = Quotas()
    quotas.charge("t", 1_500, 1, 0)
    assert quotas.wait_seconds("t", 0) == 1_500 - BURST_SECONDS
    assert quotas.wait_seconds("t", 1_500 - BURST_SECONDS) <= 0
