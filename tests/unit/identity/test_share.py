"""How much of the writer's time goes to what may wait."""

import pytest

from services.identity.inflows import Pace, Share


@pytest.mark.parametrize("turn_seconds", [0.01, 0.5, 3.0])
def test_a_fifth_of_the_time_goes_to_what_waits_however_long_its_turns_are(turn_seconds: float) -> None:
    share, busy, background = Share(0.2), 0.0, 0.0
    while busy < 400 * turn_seconds:
        share.give(turn_seconds / 10)
        busy += turn_seconds / 10
        if share.due:
            share.spend(turn_seconds)
            background += turn_seconds
    assert 0.19 <= background / (busy + background) <= 0.21


def test_a_quiet_time_pays_for_one_turn() -> None:
    share = Share(0.2)
    share.give(1_000.0)
    assert share.due
    share.spend(1.0)
    assert not share.due


def test_imported_events_keep_their_pace_while_live_ones_come_and_no_longer() -> None:
    now = [0.0]
    pace = Pace(1_000.0, now=lambda: now[0])
    pace.took(50_000)
    # Nobody to be considerate of.
    assert pace.wait_seconds == 0.0
    pace.heard_live()
    pace.took(3_000)
    assert pace.wait_seconds == 3.0
    now[0] = 2.0
    assert pace.wait_seconds == 1.0
    now[0] = 3.0
    assert pace.wait_seconds == 0.0
    pace.took(100_000)
    # The last live event was five seconds ago.
    now[0] = 5.0
    assert pace.wait_seconds == 0.0
