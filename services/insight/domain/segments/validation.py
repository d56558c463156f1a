"""What is wrong with a segment's tree: every problem with its place, and what to do about it."""

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.insight.domain.catalogue import GENE_BY_ID, MAX_WINDOW_DAYS, OPERATORS, TESTS, Gene, ValueType
from services.insight.domain.events import canonical_name
from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Node, Path, Test, Window

MAX_DEPTH = 12
MAX_NODES = 200
MAX_VALUES = 500
MAX_TEXT = 500
MAX_WHERE = 10
# Days that somebody may wait for the second step of a sequence.
MAX_WITHIN_DAYS = 365
MAX_DATE_DAYS = 36_500
# With one day of room for every time zone at both ends of what a date column holds.
FIRST_ON, LAST_ON = date(1900, 1, 2), date(2299, 12, 30)
_MAX_NUMBER = Decimal(10) ** 12
_MAX_DECIMALS = 6
_EVERY_YEAR_DAYS = 366
_MAX_PROBLEMS = 100
_PROPERTY_PATH = re.compile(r"[^.\s][^.]*(\.[^.\s][^.]*){0,5}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `path` leads to the node, `field` to the place in it: dotted names of tree.py, such as "test.values.2".
    """

    path: Path
    field: str
    # Never renamed, so that screens may have their own words for it.
    code: str
    detail: str
    fix: str


# (field, code, detail, fix): a problem of a node that knows its path.
_Found = Iterator[tuple[str, str, str, str]]


def problems_of(root: Node, attributes: Mapping[str, ValueType] | None = None) -> list[Problem]:
    """Everything that is wrong, in the order of the tree; none: both evaluators can answer it.

    `attributes`: types of the tenant's attributes, by name; tests of one that is not there are not judged
    by type.
    """
    found: list[Problem] = []
    for count, (path, node) in enumerate(tree.walk(root), 1):
        if count > MAX_NODES:
            found.append(_too_many(path))
            break
        if len(path) == MAX_DEPTH:
            found.append(_too_deep(path))
        found.extend(Problem(path, *one) for one in _of_node(node, attributes or {}))
        if len(found) >= _MAX_PROBLEMS:
            break
    return found


def _too_many(path: Path) -> Problem:
    detail = f"The tree has more than {MAX_NODES} conditions and groups."
    return Problem(path, "", "TREE_TOO_LARGE", detail, "Save a part of it as a segment and refer to that.")


def _too_deep(path: Path) -> Problem:
    detail = f"Groups stand more than {MAX_DEPTH} deep in each other."
    return Problem(path, "", "TREE_TOO_DEEP", detail, "Save the inner part as a segment and refer to that.")


def _of_node(node: Node, attributes: Mapping[str, ValueType]) -> _Found:
    match node:
        case tree.All(nodes) | tree.AnyOf(nodes):
            if not nodes:
                yield "nodes", "GROUP_EMPTY", "The group is empty.", "Put a condition into it, or remove it."
        case tree.Difference(nodes):
            if len(nodes) < 2:
                detail = "A difference needs something to take away."
                yield (
                    "nodes",
                    "DIFFERENCE_OF_ONE",
                    detail,
                    "Name at least two: from what, and what to leave out.",
                )
        case tree.GeneCondition():
            yield from _of_gene(node)
        case tree.AttributeCondition(name, test):
            yield from _of_text("name", name)
            yield from _of_test("test", test, attributes.get(name))
        case tree.EventCondition(step, window, times):
            yield from _of_step("step", step)
            yield from _of_window("window", window, MAX_WINDOW_DAYS)
            yield from _of_times(times)
        case tree.SequenceCondition():
            yield from _of_sequence(node)
        case tree.InSegment(id_):
            yield from _of_id("segment_id", id_)
        case tree.InSnapshot(id_):
            yield from _of_id("snapshot_id", id_)
        case tree.InList(id_):
            yield from _of_id("list_id", id_)


# --- conditions --------------------------------------------------------------------------------------------


def _of_gene(node: tree.GeneCondition) -> _Found:
    gene = GENE_BY_ID.get(node.gene)
    if gene is None:
        detail = f'There is no gene "{node.gene[:64]}".'
        yield "gene", "GENE_NOT_KNOWN", detail, "Choose one of the catalogue, GET /v1/genes."
        return
    yield from _of_gene_window(gene, node.window)
    problems = list(_of_test("test", node.test, gene.type))
    yield from problems
    if not problems:
        yield from _of_choices(gene, node.test)
        yield from _of_bounds(gene, node.test)


def _of_gene_window(gene: Gene, window: Window | None) -> _Found:
    if gene.windows is None:
        if window is not None:
            yield "window", "WINDOW_NOT_ALLOWED", f"{gene.id} has no window.", "Leave the window out."
        return
    longest = gene.windows.max_days
    if window is None:
        fix = f"Add one, such as the last {gene.windows.default_days} days."
        yield "window", "WINDOW_MISSING", f"{gene.id} needs a window.", fix
    elif gene.windows.bounded and isinstance(window, tree.AllTime):
        detail = f"{gene.id} looks back at most {longest} days."
        yield "window", "WINDOW_TOO_LONG", detail, f"Choose at most the last {longest} days."
    else:
        yield from _of_window("window", window, longest)
        if gene.windows.bounded and isinstance(window, tree.Dates):
            days = (window.last_on - window.first_on).days + 1
            if days > longest:
                detail = f"{gene.id} looks at no more than {longest} days."
                yield "window", "WINDOW_TOO_LONG", detail, f"Choose two dates at most {longest} days apart."


def _of_choices(gene: Gene, test: Test) -> _Found:
    by_category = isinstance(test, tree.Contains) and test.by_category
    if gene.choices is None or by_category or not isinstance(test, tree.OneOf | tree.Contains):
        return
    for index, value in enumerate(test.values):
        if value not in gene.choices:
            detail = f'{gene.id} is never "{value[:64]}".'
            yield f"test.values.{index}", "VALUE_NOT_KNOWN", detail, f"Choose from {', '.join(gene.choices)}."


def _of_bounds(gene: Gene, test: Test) -> _Found:
    if gene.bounds is None:
        return
    low, high = gene.bounds
    inner, at = (test.test, "test.test") if isinstance(test, tree.ValueOf) else (test, "test")
    for name, value in _numbers(inner):
        if not low <= value <= high:
            detail = f"{gene.id} is never {value}."
            yield f"{at}.{name}", "NUMBER_OUT_OF_RANGE", detail, f"Write a number from {low} to {high}."


def _of_times(times: tree.Compare | tree.Between) -> _Found:
    bad = list(_of_numbers("times", times))
    yield from bad
    if bad:
        return
    for name, value in _numbers(times):
        if value < 0 or value != value.to_integral_value():
            detail = "How often is a whole number from 0 on."
            yield f"times.{name}", "NUMBER_OUT_OF_RANGE", detail, "Write 0, 1, 2 and so on."


def _of_sequence(node: tree.SequenceCondition) -> _Found:
    yield from _of_step("first", node.first)
    yield from _of_step("then", node.then)
    if not 1 <= node.within_days <= MAX_WITHIN_DAYS:
        detail = f"The second event is waited for 1 to {MAX_WITHIN_DAYS} days."
        fix = f"Write a number of days from 1 to {MAX_WITHIN_DAYS}."
        yield "within_days", "NUMBER_OUT_OF_RANGE", detail, fix
    yield from _of_window("window", node.window, MAX_WINDOW_DAYS)


def _of_step(at: str, step: tree.EventStep) -> _Found:
    bad = list(_of_text(f"{at}.event", step.event))
    yield from bad
    canonical = canonical_name("track", step.event)
    if not bad and canonical != step.event:
        detail = f'Events called "{step.event[:64]}" count as "{canonical[:64]}".'
        yield f"{at}.event", "EVENT_NAME_NOT_CANONICAL", detail, f'Write "{canonical[:64]}".'
    if len(step.where) > MAX_WHERE:
        detail = f"An event has more than {MAX_WHERE} tests of its properties."
        yield f"{at}.where", "TOO_MANY_TESTS", detail, f"Keep at most {MAX_WHERE}."
    for index, one in enumerate(step.where[:MAX_WHERE]):
        place = f"{at}.where.{index}"
        if list(_of_text("", one.path)) or not _PROPERTY_PATH.fullmatch(one.path):
            detail = "A property is named by its path: names with points between them, at most six."
            yield f"{place}.path", "PROPERTY_NOT_VALID", detail, "Write a path such as products.category."
        yield from _of_test(f"{place}.test", one.test, None)


def _of_id(field: str, text: str) -> _Found:
    try:
        valid = str(uuid.UUID(text)) == text
    except ValueError:
        valid = False
    if not valid:
        yield field, "ID_NOT_VALID", "This is no id of ours.", "Send the UUID exactly as it was listed."


# --- windows -----------------------------------------------------------------------------------------------


def _of_window(at: str, window: Window, longest: int) -> _Found:
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


def _of_day(at: str, *days: date) -> _Found:
    if not all(FIRST_ON <= day <= LAST_ON for day in days):
        detail = f"Days lie between {FIRST_ON} and {LAST_ON}."
        yield at, "DATE_OUT_OF_RANGE", detail, "Write a date of these years."


# --- tests of values ---------------------------------------------------------------------------------------


def _of_test(at: str, test: Test, kind: ValueType | None) -> _Found:
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


def _of_said(at: str, test: Test) -> _Found:
    match test:
        case tree.Compare() | tree.Between():
            yield from _of_numbers(at, test)
        case tree.AgainstYardstick():
            yield from _of_yardstick(at, test)
        case tree.Share():
            yield from _of_share(at, test)
        case tree.OneOf() | tree.Contains():
            yield from _of_values(at, test)
        case tree.ValueOf(key, inner):
            yield from _of_text(f"{at}.key", key)
            yield from _of_numbers(f"{at}.test", inner)
        case tree.Trend(key):
            yield from _of_text(f"{at}.key", key)
        case tree.OnDate():
            yield from _of_date(at, test)
        case tree.DaysSince(days):
            yield from _of_days(at, days, 1, MAX_DATE_DAYS)
        case tree.AnniversaryWithin(days):
            yield from _of_days(at, days, 0, _EVERY_YEAR_DAYS)
        case tree.InMonth():
            yield from _of_month(at, test)


def _numbers(test: object) -> list[tuple[str, Decimal]]:
    match test:
        case tree.Compare(_, value):
            return [("value", value)]
        case tree.Between(low, high):
            return [("low", low), ("high", high)]
        case _:
            return []


def _of_numbers(at: str, test: Test) -> _Found:
    numbers = _numbers(test)
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


def _of_share(at: str, test: tree.Share) -> _Found:
    if not _is_number(test.percent) or not 0 < test.percent < 100:
        detail = "A share is more than 0 and less than 100 per cent."
        yield f"{at}.percent", "NUMBER_OUT_OF_RANGE", detail, "Write a number such as 20."


def _of_yardstick(at: str, test: tree.AgainstYardstick) -> _Found:
    if test.of not in ("mean", "median"):
        yield f"{at}.of", "YARDSTICK_NOT_KNOWN", "There is no such yardstick.", "Write mean or median."


def _of_values(at: str, test: tree.OneOf | tree.Contains) -> _Found:
    if not test.values:
        yield f"{at}.values", "VALUES_EMPTY", "There is nothing to compare with.", "Name at least one value."
    if len(test.values) > MAX_VALUES:
        detail = f"More than {MAX_VALUES} values."
        yield f"{at}.values", "TOO_MANY_VALUES", detail, "Upload them as a list, and ask for its people."
    for index, value in enumerate(test.values[:MAX_VALUES]):
        yield from _of_text(f"{at}.values.{index}", value)


def _of_date(at: str, test: tree.OnDate) -> _Found:
    if test.relation not in ("before", "after", "on"):
        detail = "A date is compared as before, after or on."
        yield f"{at}.relation", "OPERATOR_NOT_ALLOWED", detail, "Write before, after or on."
    yield from _of_day(f"{at}.on", test.on)


def _of_days(at: str, days: int, least: int, most: int) -> _Found:
    if not least <= days <= most:
        detail = f"{days} is no number of days here."
        yield f"{at}.days", "NUMBER_OUT_OF_RANGE", detail, f"Write a whole number from {least} to {most:,}."


def _of_month(at: str, test: tree.InMonth) -> _Found:
    if not 1 <= test.month <= 12:
        detail = f"There is no month {test.month}."
        yield f"{at}.month", "MONTH_NOT_VALID", detail, "Write a number from 1 for January to 12."


def _of_text(at: str, text: str) -> _Found:
    if not text.strip():
        yield at, "TEXT_EMPTY", "The text is empty.", "Write something, or ask whether it is unknown."
    elif len(text) > MAX_TEXT:
        detail = f"The text has more than {MAX_TEXT} characters."
        yield at, "TEXT_TOO_LONG", detail, "Write a shorter one."
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        detail = "The text holds a character that is no text, such as a line break."
        yield at, "TEXT_NOT_VALID", detail, "Remove control characters."
