"""What is kept between questions: of large tenants no less than of small ones."""

from dataclasses import replace

import numpy as np

from services.insight.compiled_kept import Kept, Measure
from services.insight.domain.genes.norms import Norms
from services.insight.domain.genes.yardsticks import Yardstick

# Memory of one number; the columns say that they are of ten million people.
VALUES = np.broadcast_to(np.int64(7), 10_000_000)
LARGE = Measure(Norms(), Yardstick(VALUES, VALUES, None, None), made_at=float("inf"))


def test_the_yardsticks_of_ten_million_people_are_all_kept() -> None:
    kept = Kept()
    for number in range(16):
        kept.keep_measure(("a tenant", number), LARGE)
    assert all(kept.measure(("a tenant", number)) for number in range(16))


def test_the_yardstick_that_was_used_least_leaves() -> None:
    kept = Kept()
    for number in range(16):
        kept.keep_measure(("a tenant", number), LARGE)
    assert kept.measure(("a tenant", 0))
    kept.keep_measure(("a tenant", 16), replace(LARGE))
    assert kept.measure(("a tenant", 1)) is None
    assert kept.measure(("a tenant", 0))
