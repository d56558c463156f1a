"""How often somebody may try."""

from services.gateway.domain.attempts import Allowance, Attempts


def test_after_the_burst_one_try_comes_back_at_a_time() -> None:
    attempts = Attempts(Allowance(burst=3, seconds_each=10))
    assert [attempts.wait_seconds("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert attempts.wait_seconds("a", 0.0) == 10.0
    assert attempts.wait_seconds("a", 4.0) == 6.0
    assert attempts.wait_seconds("a", 10.0) == 0.0
    assert attempts.wait_seconds("a", 10.0) == 10.0


def test_names_do_not_share_their_tries() -> None:
    attempts = Attempts(Allowance(burst=1, seconds_each=10))
    assert attempts.wait_seconds("a", 0.0) == 0.0
    assert attempts.wait_seconds("b", 0.0) == 0.0


def test_a_refused_try_costs_nothing() -> None:
    attempts = Attempts(Allowance(burst=1, seconds_each=10))
    attempts.wait_seconds("a", 0.0)
    for now in (1.0, 2.0, 9.0):
        assert attempts.wait_seconds("a", now) > 0
    assert attempts.wait_seconds("a", 10.0) == 0.0


def test_a_machine_that_tries_many_names_fills_no_memory() -> None:
    attempts = Attempts(Allowance(burst=1, seconds_each=10))
    for number in range(30_000):
        attempts.wait_seconds(str(number), 0.0)
    assert len(attempts._full_at) <= 10_000
