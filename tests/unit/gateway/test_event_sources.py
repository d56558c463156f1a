"""When a source of events is well, and what is wrong with it otherwise."""

import pytest

from services.gateway.domain.event_sources import Arrivals, bad_share, health

WELL = {"hour": 100, "day": 2_000, "usual_hour": 90.0, "delay_p95_seconds": 2.0, "ever": True}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "well"),
        ({"hour": 0, "day": 0, "usual_hour": None, "ever": False}, "waiting"),
        ({"hour": 0}, "silent"),
        # Of a quiet shop one hour without events says nothing; a day does.
        ({"hour": 0, "usual_hour": 4.0, "day": 30}, "well"),
        ({"hour": 0, "usual_hour": 4.0, "day": 0}, "silent"),
        # In its first week there is nothing usual.
        ({"hour": 0, "usual_hour": None}, "well"),
        ({"hour": 44}, "low"),
        ({"hour": 45}, "well"),
        ({"hour": 1, "usual_hour": 20.0}, "well"),
        ({"bad": 105}, "well"),
        ({"bad": 106}, "bad"),
        # All of it is set aside: nothing else came.
        ({"hour": 0, "day": 0, "usual_hour": None, "ever": False, "bad": 3}, "bad"),
        ({"delay_p95_seconds": 3_601.0}, "late"),
        ({"delay_p95_seconds": 14 * 86_400.0}, "late"),
        ({"delay_p95_seconds": 14 * 86_400.0 + 1}, "history"),
        ({"delay_p95_seconds": 3_601.0, "hour": 10}, "low"),
    ],
)
def test_a_source_is_as_well_as_its_worst_figure(said: dict[str, object], expected: str) -> None:
    assert health(Arrivals(**{**WELL, **said})) == expected  # type: ignore[arg-type]


def test_of_nothing_there_is_no_share() -> None:
    assert bad_share(Arrivals()) is None
    assert bad_share(Arrivals(day=3, bad=1)) == 0.25
