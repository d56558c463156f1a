"""Tests of one value as SQL conditions, and how they answer for whoever has no value."""

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.insight.domain.details import searched
from services.insight.domain.segments.tree import (
    AnniversaryWithin,
    Between,
    Compare,
    Contains,
    DaysSince,
    InMonth,
    Known,
    Mode,
    OnDate,
    OneOf,
    Op,
    Test,
    Trend,
    ValueOf,
)
from services.insight.store.evaluator.gene import Shape

_DAYS_OF_A_YEAR = 366
# A number as it is bound: whatever a value may be, no digit of either is lost in comparing them.
_DECIMAL = "Decimal(76, 12)"


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL on the column `value`. `absent`: whether it holds for people without a row.

    Where it does, the condition is asked the other way round: who has a row that does not fulfil it.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    absent: bool = False


def numbers(
    test: Compare | Between, value: str, prefix: str, *, exact: bool = True
) -> tuple[str, dict[str, str]]:
    """The condition on `value` and what it binds, by names that begin with `prefix`."""

    def bound(name: str) -> str:
        text = f"{{{prefix}{name}:{_DECIMAL}}}"
        return text if exact else f"toFloat64({text})"

    match test:
        case Compare(op, wanted):
            return f"{value} {op.value} {bound('number')}", {f"{prefix}number": _written(wanted)}
        case Between(low, high):
            values = {f"{prefix}low": _written(low), f"{prefix}high": _written(high)}
            return f"{value} >= {bound('low')} and {value} <= {bound('high')}", values


def _written(number: Decimal) -> str:
    return format(number, "f")


def holds(test: Compare | Between, number: int) -> bool:
    """The same for one number, of whoever has no row."""
    if isinstance(test, Between):
        return test.low <= number <= test.high
    match test.op:
        case Op.EQ:
            return number == test.value
        case Op.NE:
            return number != test.value
        case Op.LT:
            return number < test.value
        case Op.LE:
            return number <= test.value
        case Op.GT:
            return number > test.value
        case Op.GE:
            return number >= test.value


def contains(test: Contains, value: str, prefix: str, matches: str) -> tuple[str, dict[str, list[str]]]:
    """`matches` compares `has` with `asked`."""
    asked = f"{{{prefix}asked:Array(String)}}"
    found = f"arrayExists(has -> {matches}, {value})"
    sql = {
        Mode.ANY: f"arrayExists(asked -> {found}, {asked})",
        Mode.ALL: f"arrayAll(asked -> {found}, {asked})",
        Mode.NONE: f"not arrayExists(asked -> {found}, {asked})",
    }[test.mode]
    return sql, {f"{prefix}asked": list(test.values)}


EQUAL, PART, DESCENDS = (
    "has = asked",
    "position(has, asked) > 0",
    "(has = asked or startsWith(has, concat(asked, ' > ')))",
)


def dates(test: OnDate | DaysSince | AnniversaryWithin | InMonth, today: date) -> tuple[str, dict[str, Any]]:
    """On `value`, a Date32; binds what it needs but today."""
    match test:
        case OnDate(relation, on):
            sign = {"before": "<", "after": ">", "on": "="}[relation]
            return f"value {sign} {{on:Date32}}", {"on": on}
        case DaysSince(days, more):
            since = "dateDiff('day', value, {today:Date32})"
            held = f"{since} > {{days:Int32}}" if more else f"{since} >= 0 and {since} < {{days:Int32}}"
            return held, {"days": days}
        case AnniversaryWithin(days):
            return "has({days:Array(UInt16)}, toMonth(value) * 100 + toDayOfMonth(value))", {
                "days": _anniversaries(today, days)
            }
        case InMonth(month):
            return "toMonth(value) = {month:UInt8}", {"month": month}


def _anniversaries(today: date, days: int) -> list[int]:
    """Months and days that are celebrated from today on."""
    ahead = [today + timedelta(number) for number in range(min(days, _DAYS_OF_A_YEAR) + 1)]
    found = {day.month * 100 + day.day for day in ahead}
    if any((day.month, day.day) == (2, 28) and not isleap(day.year) for day in ahead):
        found.add(229)
    return sorted(found)


def of_map(test: ValueOf | Trend) -> Condition:
    """On the columns `key`, `value` and `before`; a key that was not there before counts from 0."""
    if isinstance(test, ValueOf):
        sql, values = numbers(test.test, "value", "", exact=False)
    else:
        change = "round(value - before, 6)"
        sql, values = f"{change} >= 10" if test.rising else f"{change} <= -10", {}
    return Condition(f"key = {{key:String}} and {sql}", {**values, "key": test.key})


def condition(test: Test, shape: Shape, absent: Any, today: date, *, keywords: bool = False) -> Condition:
    """Of any test but those of maps and those that compare with the others of the tenant."""
    match test:
        case Known(negated):
            known = "notEmpty(value)" if shape in (Shape.LIST, Shape.PATHS) else "true"
            is_known = absent is not None and absent != ()
            return Condition(f"not ({known})" if negated else known, absent=is_known != negated)
        case Compare() | Between():
            sql, values = numbers(test, "value", "", exact=shape is Shape.NUMBER)
            return Condition(sql, values, absent is not None and holds(test, absent))
        case OneOf(wanted, negated):
            sql = (
                "not has({wanted:Array(String)}, value)" if negated else "has({wanted:Array(String)}, value)"
            )
            is_one = absent is not None and (absent in wanted) != negated
            return Condition(sql, {"wanted": list(wanted)}, is_one)
        case Contains():
            asked = tuple(map(searched, test.values)) if keywords else test.values
            return _contains(Contains(test.mode, asked, test.part), shape)
        case OnDate() | DaysSince() | AnniversaryWithin() | InMonth():
            sql, dated = dates(test, today)
            return Condition(sql, dated)
        case _:
            raise TypeError(test)


def _contains(test: Contains, shape: Shape) -> Condition:
    matches = DESCENDS if shape is Shape.PATHS else PART if test.part else EQUAL
    sql, values = contains(test, "value", "", matches)
    return Condition(
        sql, values, absent=test.mode is Mode.NONE or (test.mode is Mode.ALL and not test.values)
    )
