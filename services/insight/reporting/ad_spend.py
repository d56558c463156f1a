"""Imported advertising costs: what may be stored, and how it is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.insight.domain.ad_costs import AdCost
from services.insight.domain.days import NoSuchRange, days
from services.insight.domain.money import UnreadableAmount, amount
from services.insight.errors import AdCostNotValid, RangeNotValid
from services.insight.store.ad_costs import AdCosts
from services.insight.store.tenants import Tenants

MOST_SOURCE_CHARACTERS = 300
_MOST_COSTS = 800
_CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """One cost as somebody sent it: all texts."""

    on: str
    amount: str
    currency: str


class AdSpend:
    """What a tenant's advertising cost, by source and local day."""

    def __init__(self, tenants: Tenants, ad_costs: AdCosts) -> None:
        self._tenants = tenants
        self._ad_costs = ad_costs

    async def replace(
        self, tenant_id: str, source: str, span: tuple[str, str], sent: Sequence[Sent], actor: str
    ) -> int:
        """Put these in the place of what the source cost on these days; how many there were before.

        The same again changes nothing. Raises AdCostNotValid or RangeNotValid.
        """
        source, (first_on, last_on) = source_name(source), range_of(*span)
        if len(sent) > _MOST_COSTS:
            raise AdCostNotValid(f"Send at most {_MOST_COSTS} costs at once.", costs=len(sent))
        home = (await self._tenants.load(tenant_id)).currency
        costs = [_read(source, one, home) for one in sent]
        if any(not first_on <= one.on <= last_on for one in costs):
            raise AdCostNotValid("Every cost lies on one of the days that are replaced.", field="on")
        if len({one.on for one in costs}) < len(costs):
            raise AdCostNotValid("Send one cost a day: add those of one day up first.", field="on")
        return await self._ad_costs.replace(tenant_id, source, (first_on, last_on), costs, actor)

    async def delete(self, tenant_id: str, source: str, span: tuple[str, str]) -> int:
        """How many days had a cost."""
        return await self._ad_costs.replace(tenant_id, source_name(source), range_of(*span), [], "")

    async def page(
        self, tenant_id: str, source: str, span: tuple[str, str], after: tuple[str, date], size: int
    ) -> Sequence[AdCost]:
        """By source and day; an empty end of the span is open."""
        found = (span[0] or date.min.isoformat(), span[1] or date.max.isoformat())
        try:
            first_on, last_on = map(date.fromisoformat, found)
        except ValueError as error:
            raise RangeNotValid("Send ISO dates such as 2026-11-22.") from error
        return await self._ad_costs.page(tenant_id, source.strip(), (first_on, last_on), after, size)


def source_name(text: str) -> str:
    """As sources of visits are written; raises AdCostNotValid."""
    name = text.strip()
    if not 0 < len(name) <= MOST_SOURCE_CHARACTERS or "\0" in name:
        raise AdCostNotValid(
            f"Name the source as reports list it, such as google / cpc: 1 to {MOST_SOURCE_CHARACTERS} "
            "characters.",
            field="source",
        )
    return name


def range_of(from_on: str, to_on: str) -> tuple[date, date]:
    """Both ends have to be said; raises RangeNotValid."""
    try:
        if not (from_on and to_on):
            raise NoSuchRange("an end is missing")
        return days(from_on, to_on, today=date.min)
    except NoSuchRange as error:
        raise RangeNotValid(
            f"Name the first and the last day as ISO dates, at most 800 days: {error}.",
            from_on=from_on[:64],
            to_on=to_on[:64],
        ) from error


def _read(source: str, sent: Sent, home: str) -> AdCost:
    try:
        on = date.fromisoformat(sent.on)
    except ValueError as error:
        raise AdCostNotValid("Send ISO dates such as 2026-11-22.", field="on", on=sent.on[:64]) from error
    try:
        cost = amount(sent.amount)
    except UnreadableAmount as error:
        raise AdCostNotValid("This is no amount of money.", field="amount", on=on) from error
    if cost < Decimal(0):
        raise AdCostNotValid("A cost is 0 or more.", field="amount", on=on)
    code = sent.currency.strip().upper() or home
    if len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha()):
        raise AdCostNotValid("A currency is three letters of ISO 4217.", field="currency", on=on)
    return AdCost(source, on, cost, code)
