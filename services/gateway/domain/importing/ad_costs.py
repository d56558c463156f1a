"""Rows of a file of advertising costs, added up by source and local day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.cells import cleaned
from services.gateway.domain.importing.events import UNREADABLE, WANTED, broken_rows
from services.gateway.domain.importing.mapping import Mapping
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.domain.importing.values import moment, number

_MOST_CHARACTERS = 300
_MOST_DAYS_AT_ONCE = 800
# Of source and day; a file of ten years and fifty sources has fewer.
_MOST_COSTS = 200_000
_MOST = Decimal(10) ** 12
_YEARS = range(1901, 2299)
_CURRENCY_LETTERS = 3

NO_SOURCE = ("NO_SOURCE", "The row names no source, or one of more than 300 characters.")
BAD_COST = ("INVALID_COST", "A cost is 0 or more, and below a million millions.")
BAD_CURRENCY = ("INVALID_CURRENCY", "A currency is three letters, such as TWD.")
OTHER_CURRENCY = ("OTHER_CURRENCY", "A row before this one has the same source and day in another currency.")
TOO_MANY = ("TOO_MANY_COSTS", "One file holds at most 200,000 sources and days.")


@dataclass(frozen=True, slots=True)
class Run:
    """Days of one source that follow one another, each with its cost; currency "" is the tenant's."""

    source: str
    first_on: date
    costs: Sequence[tuple[Decimal, str]]

    @property
    def last_on(self) -> date:
        return self.first_on + timedelta(len(self.costs) - 1)


class _NotTaken(Exception):
    """A row says something else than a cost: reason and detail."""


@dataclass(slots=True)
class CostSheet:
    """The costs of the rows so far. Reports of campaigns have several rows of a source and day."""

    mapping: Mapping
    _costs: dict[tuple[str, date], tuple[Decimal, str]] = field(default_factory=dict)

    def add(self, batch: Batch) -> list[Rejected]:
        """The rows that are not taken."""
        cells = {
            column.to: cleaned(batch.columns[column.column]).to_pylist() for column in self.mapping.columns
        }
        for target, text in self.mapping.constants.items():
            cells[target] = [text] * len(batch.lines)
        rejected, broken, zone = (
            list(batch.rejected),
            set(broken_rows(batch)),
            ZoneInfo(self.mapping.time_zone),
        )
        for row in range(len(batch.lines)):
            told = {target: (values[row] or "").strip() for target, values in cells.items()}
            try:
                if row in broken:
                    raise _NotTaken(*UNREADABLE)
                self._take(told, zone)
            except _NotTaken as fault:
                reason, detail = fault.args
                rejected.append(Rejected(int(batch.lines[row]), reason, detail, batch.row(row)))
        return rejected

    def runs(self) -> Iterator[Run]:
        """By source and day; a day that no row names is in none."""
        run: list[tuple[Decimal, str]] = []
        begins: tuple[str, date] | None = None
        for source, on in sorted(self._costs):
            follows = begins is not None and (source, on - timedelta(len(run))) == begins
            if begins is not None and (not follows or len(run) == _MOST_DAYS_AT_ONCE):
                yield Run(*begins, run)
                begins = None
            if begins is None:
                begins, run = (source, on), []
            run.append(self._costs[source, on])
        if begins is not None:
            yield Run(*begins, run)

    def _take(self, told: dict[str, str], zone: ZoneInfo) -> None:
        medium = told.get("medium")
        source = f"{told['source']} / {medium}" if told["source"] and medium else told["source"]
        if not 0 < len(source) <= _MOST_CHARACTERS or "\0" in source:
            raise _NotTaken(*NO_SOURCE)
        on, amount, currency = (
            _day(told["date"], zone),
            _amount(told["cost"]),
            _code(told.get("currency", "")),
        )
        before = self._costs.get((source, on))
        if before is None and len(self._costs) >= _MOST_COSTS:
            raise _NotTaken(*TOO_MANY)
        if before is not None and before[1] != currency:
            raise _NotTaken(*OTHER_CURRENCY)
        self._costs[source, on] = (amount + (before[0] if before else 0), currency)


def _day(text: str, zone: ZoneInfo) -> date:
    at = moment(text, zone)
    on = None if at is None else at.astimezone(zone).date()
    if on is None or on.year not in _YEARS:
        reason, wanted = WANTED["time"]
        raise _NotTaken(reason, f'date: "{text[:60]}" is not {wanted}.')
    return on


def _amount(text: str) -> Decimal:
    literal = number(text)
    if literal is None:
        reason, wanted = WANTED["number"]
        raise _NotTaken(reason, f'cost: "{text[:60]}" is not {wanted}.')
    amount = Decimal(literal)
    if not 0 <= amount < _MOST:
        raise _NotTaken(*BAD_COST)
    return amount


def _code(text: str) -> str:
    code = text.upper()
    if code and not (len(code) == _CURRENCY_LETTERS and code.isascii() and code.isalpha()):
        raise _NotTaken(*BAD_CURRENCY)
    return code
