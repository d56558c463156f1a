"""How much is usual from a source at this hour of the week."""

from datetime import UTC, datetime, timedelta

from services.insight.domain.event_sources import usual

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_usual_is_the_mean_of_the_same_hour_of_the_weeks_before() -> None:
    assert usual(NOW - timedelta(days=29), NOW, [10, 20, 30, 0]) == 15.0


def test_hours_before_the_source_began_say_nothing() -> None:
    assert usual(NOW - timedelta(days=10), NOW, [10, 0, 0, 0]) == 10.0
    assert usual(NOW - timedelta(days=7), NOW, [4, 0, 0, 0]) is None
    assert usual(NOW - timedelta(days=7, hours=1), NOW, [4, 0, 0, 0]) == 4.0
