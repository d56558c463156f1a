"""What advertising cost by source: sums in the tenant's currency, and what cannot be converted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.insight.domain.money import Rates, rounded


@dataclass(frozen=True, slots=True)
class AdCost:
    """What a source cost on a local day."""

    source: str
    on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Of some days, in the tenant's currency; `unconverted` has no rate and is not in `amount`."""

    amount: Decimal
    days: int
    unconverted: Mapping[str, Decimal]

    @property
    def known(self) -> Decimal | None:
        """None where a part of it has no rate: less than all of it would be wrong."""
        return None if self.unconverted else self.amount


def costs_by_source(costs: Iterable[AdCost], rates: Rates) -> dict[str, Cost]:
    """Converted at each day's rate. A source without costs has none, which is not 0."""
    by_source: dict[str, list[AdCost]] = {}
    for one in costs:
        by_source.setdefault(one.source, []).append(one)
    return {source: cost_of(some, rates) for source, some in by_source.items()}


def cost_of(costs: Sequence[AdCost], rates: Rates) -> Cost:
    """The sum of them all."""
    amount, unconverted = Decimal(0), dict[str, Decimal]()
    for one in costs:
        rate = rates.at(one.currency, one.on)
        if rate is None:
            unconverted[one.currency] = unconverted.get(one.currency, Decimal(0)) + one.amount
        else:
            amount += rounded(one.amount * rate)
    return Cost(amount, len({one.on for one in costs}), unconverted)


def divided(amount: Decimal | None, by: Decimal | int) -> Decimal | None:
    """To four decimals; None where either is unknown or there is nothing to divide by."""
    return rounded(amount / by) if amount is not None and by else None
