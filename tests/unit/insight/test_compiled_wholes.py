"""A saved segment's people hold as long as nobody is laid on another yardstick than they."""

import time
from dataclasses import replace

import numpy as np
import pytest

from services.insight.compiled_kept import YARDSTICK_SECONDS, Kept, Measure
from services.insight.compiled_wholes import Basis, keep_whole, known_whole
from services.insight.domain.genes.facts import Rules
from services.insight.domain.genes.norms import Norms
from services.insight.domain.money import Rates
from services.insight.population import View
from services.insight.store.facts import Counting

KEY = ("a tenant", "spend_percentile")
BASIS = Basis("a tree", (KEY,))
FOUND = ((np.array([0b1010_0000, 0, 0, 0, 0, 0, 0, 0], np.uint8),), 60.0)


@pytest.fixture
def view() -> View:
    return View((), 1, 0, 0, 1, Counting("UTC", Rates("TWD", ()), Rules()))


@pytest.fixture
def kept() -> Kept:
    kept = Kept()
    kept.keep_measure(KEY, Measure(Norms(), None, time.monotonic() - 60.0))
    return kept


def test_what_was_asked_is_known(view: View, kept: Kept) -> None:
    assert known_whole(view, kept, BASIS) is None
    whole = keep_whole(view, kept, BASIS, FOUND)
    assert known_whole(view, kept, BASIS) is whole
    assert whole.profiles == 2


def test_a_yardstick_that_had_to_leave_holds(view: View, kept: Kept) -> None:
    whole = keep_whole(view, kept, BASIS, FOUND)
    kept.forget_measures("a tenant")
    assert known_whole(view, kept, BASIS) is whole


@pytest.mark.parametrize("left", [False, True])
def test_nobody_is_laid_on_two_yardsticks(view: View, kept: Kept, left: bool) -> None:
    if left:
        kept.forget_measures("a tenant")
    keep_whole(view, kept, BASIS, FOUND)
    kept.keep_measure(KEY, Measure(Norms(), None, time.monotonic()))
    assert known_whole(view, kept, BASIS) is None


def test_no_yardstick_holds_for_more_than_its_hour(view: View, kept: Kept) -> None:
    whole = keep_whole(view, kept, BASIS, FOUND)
    kept.forget_measures("a tenant")
    view.wholes[BASIS.key] = replace(whole, laid_at=time.monotonic() - YARDSTICK_SECONDS - 1)
    assert known_whole(view, kept, BASIS) is None


def test_what_is_not_in_the_view_alone_is_not_kept(view: View, kept: Kept) -> None:
    assert keep_whole(view, kept, None, FOUND).profiles == 2
    assert known_whole(view, kept, None) is None
    assert not view.wholes


def test_to_renew_is_to_ask_anew(kept: Kept) -> None:
    before = kept.renewals("a tenant")
    kept.forget_measures("a tenant")
    assert kept.renewals("a tenant") == before + 1
    assert kept.renewals("another") == 0
