"""Genes 1 to 8: how often, how long and when somebody visited."""

from typing import Any

from services.insight.domain.segments.tree import Window
from services.insight.store.evaluator.asked import (
    IN_WINDOW,
    RECEIVED_SINCE,
    SO_FAR,
    Asked,
    Sql,
    of_people,
    rounded,
)
from services.insight.store.evaluator.gene import Gene, Shape, Source

_VISITS_IN_WINDOW = f"""
    select nid, occurred_at, name from {{{{events}}}}
    where is_visit and {IN_WINDOW} and {RECEIVED_SINCE}
"""

_ACTIVE_DAYS = f"""
    select person, uniqExact(toDate32(occurred_at, {{zone:String}})) as value
    from ({of_people("occurred_at", _VISITS_IN_WINDOW)})
    group by person
"""

_PAGE_VIEWS = f"""
    select person, count() as value
    from ({of_people("name", f"{_VISITS_IN_WINDOW} and name in ('page', 'screen')")})
    group by person
"""

# A visit begins with an event that follows none of the same person for so long: what lies further back than
# that before the window cannot matter. Where the window ends before now, its last visits may go on after it.
_VISITS_AROUND_WINDOW = f"""
    select nid, toUnixTimestamp64Milli(occurred_at) as moment from {{{{events}}}}
    where is_visit and {SO_FAR}
        and occurred_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}} - {{gap_ms:Int64}}, 'UTC')
        and received_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}} - {{gap_ms:Int64}}, 'UTC')
"""

# One row a person: the visits that begin in the window, as (first moment, last moment).
SESSIONS = f"""
    select person,
        arraySort(groupArray(moment)) as moments,
        arrayPopFront(arrayDifference(moments)) as gaps,
        arrayFilter((at, gap) -> gap > {{gap_ms:Int64}}, moments,
            arrayPushFront(gaps, {{gap_ms:Int64}} + 1)) as firsts,
        arrayFilter((at, gap) -> gap > {{gap_ms:Int64}}, moments,
            arrayPushBack(gaps, {{gap_ms:Int64}} + 1)) as lasts,
        arrayFilter(visit -> visit.1 >= {{begins_ms:Int64}} and visit.1 < {{ends_ms:Int64}},
            arrayZip(firsts, lasts)) as visits
    from ({of_people("moment", _VISITS_AROUND_WINDOW)})
    group by person
    having notEmpty(visits)
"""

_N_SESSIONS = f"select person, length(visits) as value from ({SESSIONS})"

_AVG_VISIT_MINUTES = f"""
    select person,
        {rounded("arraySum(visit -> visit.2 - visit.1, visits) / (60000 * length(visits))")} as value
    from ({SESSIONS})
"""

_LAST_VISITS = f"select nid, occurred_at from {{{{events}}}} where is_visit and {SO_FAR}"

_DAYS_SINCE_VISIT = f"""
    select person, dateDiff('day', toDate32(max(occurred_at), {{zone:String}}), {{today:Date32}}) as value
    from ({of_people("occurred_at", _LAST_VISITS)})
    group by person
"""

_ACTIVITY_STATE = f"""
    select person, multiIf(
        days < {{slowing_days:Int32}}, 'active', days < {{dormant_days:Int32}}, 'slowing',
        days < {{lost_days:Int32}}, 'dormant', 'lost') as value
    from (select person, value as days from ({_DAYS_SINCE_VISIT}))
"""


def _starts(unit: str) -> str:
    """Units (hours, weekdays) of the local time at which visits began."""
    local = "fromUnixTimestamp64Milli(visit.1, {zone:String})"
    return f"""
        select person, arrayDistinct(arrayMap(visit -> toString({unit}({local})), visits)) as value
        from ({SESSIONS})
    """


def _in_window(text: str) -> Source:
    return lambda asked, window: Sql(text, asked.span(window))


def of_visits(text: str) -> Source:
    """A query on SESSIONS."""
    return lambda asked, window: Sql(
        text, asked.span(window) | {"gap_ms": asked.rules.session_minutes * 60_000}
    )


def _activity(asked: Asked, window: Window | None) -> Sql:
    rules = asked.rules
    values: dict[str, Any] = {
        "slowing_days": rules.slowing_days,
        "dormant_days": rules.dormant_days,
        "lost_days": rules.lost_days,
    }
    return Sql(_ACTIVITY_STATE, values)


GENES = {
    "active_days": Gene(Shape.NUMBER, _in_window(_ACTIVE_DAYS), absent=0),
    "sessions": Gene(Shape.NUMBER, of_visits(_N_SESSIONS), absent=0),
    "page_views": Gene(Shape.NUMBER, _in_window(_PAGE_VIEWS), absent=0),
    "avg_visit_minutes": Gene(Shape.RATIO, of_visits(_AVG_VISIT_MINUTES)),
    "days_since_visit": Gene(Shape.NUMBER, lambda asked, window: Sql(_DAYS_SINCE_VISIT)),
    "visit_weekdays": Gene(Shape.LIST, of_visits(_starts("toDayOfWeek")), absent=()),
    "visit_hours": Gene(Shape.LIST, of_visits(_starts("toHour")), absent=()),
    "activity_state": Gene(Shape.TEXT, _activity, absent="never"),
}
