"""What is wrong with the windows and the tests of a condition."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from services.insight.domain.catalogue import OPERATORS, TESTS, ValueType
from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Test, Window

MAX_VALUES = 500
MAX_TEXT = 500
MAX_DATE_DAYS = 36_500
# With one day of room for every time zone at both ends of what a date column holds.
FIRST_ON, LAST_ON = date(1900, 1, 2), date(2299, 12, 30)
_MAX_NUMBER = Decimal(10) ** 12
_MAX_DECIMALS = 6
_EVERY_YEAR_DAYS = 366

# (field, code, detail, fix): a problem of a node that knows its path.
Found = Iterator[tuple[str, str, str, str]]


# --- windows -----------------------------------------------------------------------------------------------


def of_window(at: str, window: Window, longest: int) -> Found:
    match window:
        case tree.DaysAgo(first, last):
            if last < 0 or first < last:
                detail = f"From {first} to {last} days ago is no range."
                yield (
                    at,
                    "WINDOW_REVERSED",
                    detail,
                    "Write the earlier day (more days ago) first; today is 0.",
                )
            elif first >= longest:
                detail = f"The window goes back more than {longest} days."
                yield at, "WINDOW_TOO_LONG", detail, f"Choose at most the last {longest} days."
        case tree.Dates(first_on, last_on):
            if first_on > last_on:
                yield (
                    at,
                    "WINDOW_REVERSED",
                    f"{first_on} is after {last_on}.",
                    "Write the earlier date first.",
                )
            yield from _of_day(at, first_on, last_on)


def _of_day(at: str, *days: date) -> Found:
    if not all(FIRST_ON <= day <= LAST_ON for day in days):
        detail = f"Days lie between {FIRST_ON} and {LAST_ON}."
        yield at, "DATE_OUT_OF_RANGE", detail, "Write a date of these years."


# --- tests of values ---------------------------------------------------------------------------------------


def of_test(at: str, test: Test, kind: ValueType | None) -> Found:
    """`kind` is None where any type may be meant."""
    if kind is not None and type(test) not in TESTS[kind]:
        detail = f"This cannot be asked of a value of type {kind}."
        yield at, "OPERATOR_NOT_ALLOWED", detail, f"Use one of {', '.join(OPERATORS[kind])}."
        return
    yield from _of_said(at, test)
    if isinstance(test, tree.Contains):
        if test.part and kind not in (None, ValueType.KEYWORDS):
            detail = "Only keywords are searched for parts."
            yield f"{at}.part", "OPERATOR_NOT_ALLOWED", detail, "Write whole values, and leave `part` out."
        if test.by_category and kind is not ValueType.PRODUCTS:
            detail = "Only a list of products is asked for categories."
            yield f"{at}.by_category", "OPERATOR_NOT_ALLOWED", detail, "Leave `by_category` out."


def _of_said(at: str, test: Test) -> Found:
    match test:
        case tree.Compare() | tree.Between():
            yield from of_numbers(at, test)
        case tree.AgainstYardstick():
            yield from _of_yardstick(at, test)
        case tree.Share():
            yield from _of_share(at, test)
        case tree.OneOf() | tree.Contains():
            yield from _of_values(at, test)
        case tree.ValueOf(key, inner):
            yield from of_text(f"{at}.key", key)
            yield from of_numbers(f"{at}.test", inner)
        case tree.Trend(key):
            yield from of_text(f"{at}.key", key)
        case tree.OnDate():
            yield from _of_date(at, test)
        case tree.DaysSince(days):
            yield from of_days(at, days, 1, MAX_DATE_DAYS)
        case tree.AnniversaryWithin(days):
            yield from of_days(at, days, 0, _EVERY_YEAR_DAYS)
        case tree.InMonth():
            yield from _of_month(at, test)


def numbers_of(test: object) -> list[tuple[str, Decimal]]:
    match test:
        case tree.Compare(_, value):
            return [("value", value)]
        case tree.Between(low, high):
            return [("low", low), ("high", high)]
        case _:
            return []


def of_numbers(at: str, test: Test) -> Found:
    numbers = numbers_of(test)
    for name, value in numbers:
        if not _is_number(value):
            detail = f"This is no number with at most {_MAX_DECIMALS} decimals and 12 digits before them."
            yield f"{at}.{name}", "NUMBER_NOT_VALID", detail, "Write a plain number such as 1200 or 0.35."
    valid = all(_is_number(value) for _, value in numbers)
    if valid and isinstance(test, tree.Between) and test.low > test.high:
        detail = f"{test.low} is more than {test.high}."
        yield f"{at}.low", "RANGE_REVERSED", detail, "Write the smaller number first."


def _is_number(value: Decimal) -> bool:
    if not value.is_finite() or abs(value) > _MAX_NUMBER:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MAX_DECIMALS


def _of_share(at: str, test: tree.Share) -> Found:
    if not _is_number(test.percent) or not 0 < test.percent < 100:
        detail = "A share is more than 0 and less than 100 per cent."
        yield f"{at}.percent", "NUMBER_OUT_OF_RANGE", detail, "Write a number such as 20."


def _of_yardstick(at: str, test: tree.AgainstYardstick) -> Found:
    if test.of not in ("mean", "median"):
        yield f"{at}.of", "YARDSTICK_NOT_KNOWN", "There is no such yardstick.", "Write mean or median."


def _of_values(at: str, test: tree.OneOf | tree.Contains) -> Found:
    if not test.values:
        yield f"{at}.values", "VALUES_EMPTY", "There is nothing to compare with.", "Name at least one value."
    if len(test.values) > MAX_VALUES:
        detail = f"More than {MAX_VALUES} values."
        yield f"{at}.values", "TOO_MANY_VALUES", detail, "Upload them as a list, and ask for its people."
    for index, value in enumerate(test.values[:MAX_VALUES]):
        yield from of_text(f"{at}.values.{index}", value)


def _of_date(at: str, test: tree.OnDate) -> Found:
    if test.relation not in ("before", "after", "on"):
        detail = "A date is compared as before, after or on."
        yield f"{at}.relation", "OPERATOR_NOT_ALLOWED", detail, "Write before, after or on."
    yield from _of_day(f"{at}.on", test.on)


def of_days(at: str, days: int, least: int, most: int) -> Found:
    if not least <= days <= most:
        detail = f"{days} is no number of days here."
        yield f"{at}.days", "NUMBER_OUT_OF_RANGE", detail, f"Write a whole number from {least} to {most:,}."


def _of_month(at: str, test: tree.InMonth) -> Found:
    if not 1 <= test.month <= 12:
        detail = f"There is no month {test.month}."
        yield f"{at}.month", "MONTH_NOT_VALID", detail, "Write a number from 1 for January to 12."


def of_text(at: str, text: str) -> Found:
    if not text.strip():
        yield at, "TEXT_EMPTY", "The text is empty.", "Write something, or ask whether it is unknown."
    elif len(text) > MAX_TEXT:
        detail = f"The text has more than {MAX_TEXT} characters."
        yield at, "TEXT_TOO_LONG", detail, "Write a shorter one."
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        detail = "The text holds a character that is no text, such as a line break."
        yield at, "TEXT_NOT_VALID", detail, "Remove control characters."


def is_written(value: str, kind: ValueType) -> bool:
    """Whether one value of this type may be written so."""
    if kind in (ValueType.NUMBER, ValueType.MONEY, ValueType.RATIO):
        try:
            return _is_number(Decimal(value))
        except InvalidOperation:
            return False
    if kind is ValueType.DATE:
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return True
