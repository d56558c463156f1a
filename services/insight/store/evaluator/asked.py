"""What every query of one evaluation shares: the moment, the tenant's calendar, and who is who."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.insight.domain.days import begins_at
from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rates
from services.insight.domain.segments.tree import AllTime, Window, days_of
from services.insight.evaluation import Moment
from services.insight.store.queries.settled import counting

# What a column of days holds, with one day of room for every zone.
_FIRST_ON, _LAST_ON = date(1900, 1, 2), date(2299, 12, 30)

# Where a question is of few people only, conditions stand in these places that leave out all others' facts.
_MINE, _ORDERS_OF_MINE = "/*mine*/", "/*orders of mine*/"
_AMONG = "nid in (select arrayJoin({nids:Array(UInt32)}))"
MINE = f"true {_MINE}"
# With an order come all its facts, whoever reported them.
ORDERS_OF_MINE = f"true {_ORDERS_OF_MINE}"

# Of everybody as of the moment, also where few are asked for.
OF_ALL = "position <= {position:UInt64} and occurred_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')"
SO_FAR = f"{OF_ALL} and {MINE}"
IN_WINDOW = f"""position <= {{position:UInt64}} and {MINE}
    and occurred_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}}, 'UTC')
    and occurred_at < fromUnixTimestamp64Milli({{ends_ms:Int64}}, 'UTC')"""
# For tables that keep when an event was received, never before it happened: whole partitions are not read.
RECEIVED_SINCE = "received_at >= fromUnixTimestamp64Milli({begins_ms:Int64}, 'UTC')"

# Columns: nid, profile_id, known. A nid without a row is its own profile.
MOVED = f"""
    select nid, argMax(profile_id, position) as profile_id, true as known
    from {{{{profile_of}}}} where position <= {{position:UInt64}} and {MINE} group by nid
"""


def rounded(number: str) -> str:
    """To six digits exactly as Python rounds, which the engine's own function does not."""
    return f"toFloat64(printf('%.6f', toFloat64({number})))"


def of_people(columns: str, facts: str) -> str:
    """`facts` (a query with a column nid) with `person`, the profile that each belongs to, and `columns`."""
    # With the orders of few come others' nids, of whom it is not known here whose they are.
    return f"""
        select if(known, profile_id, nid) as person, {columns}
        from ({facts}) as facts left join ({MOVED}) as moved using (nid)
        where {MINE}
    """


@dataclass(frozen=True, slots=True)
class Sql:
    """A query and the values that it binds."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One tenant at one moment."""

    tenant_id: str
    moment: Moment
    zone: str
    rates: Rates
    rules: Rules
    # Of the only people who are asked for; None: of everybody.
    nids: Sequence[int] | None = None

    def narrowed(self, sql: str) -> str:
        """The query as it is asked."""
        if self.nids is None:
            return sql
        orders = f"order_id in (select order_id from {{{{order_facts}}}} where {_AMONG})"
        return sql.replace(_MINE, f"and {_AMONG}").replace(_ORDERS_OF_MINE, f"and {orders}")

    @property
    def today(self) -> date:
        now = datetime.fromtimestamp(self.moment.now_ms / 1000, UTC)
        return now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def values(self) -> dict[str, Any]:
        """What SQL may bind without saying so."""
        return {
            "position": self.moment.position,
            "now_ms": self.moment.now_ms,
            **counting(self.rules.counting(self.zone)),
            "home": self.rates.home,
            "today": self.today,
            "nids": list(self.nids or ()),
        }

    def span(self, window: Window | None) -> dict[str, int]:
        """The window's first millisecond and the one after its last; it never ends after now."""
        first, last = days_of(window or AllTime(), self.today)
        begins, ends = max(first, _FIRST_ON), min(last, _LAST_ON) + timedelta(1)
        return {
            "begins_ms": _milliseconds(begins, self.zone),
            "ends_ms": min(_milliseconds(ends, self.zone), self.moment.now_ms + 1),
        }


def _milliseconds(on: date, zone: str) -> int:
    return int(begins_at(on, zone).timestamp() * 1000)
