"""What is wrong with a segment's tree: every problem with its place, and what to do about it."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.insight.domain.catalogue import GENE_BY_ID, MAX_WINDOW_DAYS, Gene, ValueType
from services.insight.domain.events import canonical_name
from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Node, Path, Test, Window
from services.insight.domain.segments.value_problems import (
    FIRST_ON,
    Found,
    is_written,
    numbers_of,
    of_days,
    of_numbers,
    of_test,
    of_text,
    of_window,
)

__all__ = ["FIRST_ON", "Problem", "Types", "problems_of"]

MAX_DEPTH = 12
MAX_NODES = 200
MAX_WHERE = 10
# Days that somebody may wait for the second step of a sequence.
MAX_WITHIN_DAYS = 365
_MAX_PROBLEMS = 100
# Whether somebody is a member, and may be written to, is announced without the time before.
_KNOWN_NOW_ONLY = frozenset({"member_stage", "reachable_by"})
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


@dataclass(frozen=True, slots=True)
class Types:
    """Of the tenant's own values; tests of one that is not there are not judged by type."""

    # By name.
    attributes: Mapping[str, ValueType] = field(default_factory=dict)
    # By id.
    external: Mapping[str, ValueType] = field(default_factory=dict)


_NO_TYPES = Types()


def problems_of(root: Node, types: Types = _NO_TYPES) -> list[Problem]:
    """Everything that is wrong, in the order of the tree; none: both evaluators can answer it."""
    found: list[Problem] = []
    for count, (path, node) in enumerate(tree.walk(root), 1):
        if count > MAX_NODES:
            found.append(_too_many(path))
            break
        if len(path) == MAX_DEPTH:
            found.append(_too_deep(path))
        found.extend(Problem(path, *one) for one in _of_node(node, types))
        if len(found) >= _MAX_PROBLEMS:
            break
    return found


def _too_many(path: Path) -> Problem:
    detail = f"The tree has more than {MAX_NODES} conditions and groups."
    return Problem(path, "", "TREE_TOO_LARGE", detail, "Save a part of it as a segment and refer to that.")


def _too_deep(path: Path) -> Problem:
    detail = f"Groups stand more than {MAX_DEPTH} deep in each other."
    return Problem(path, "", "TREE_TOO_DEEP", detail, "Save the inner part as a segment and refer to that.")


def _of_node(node: Node, types: Types) -> Found:
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
        case _:
            yield from _of_condition(node, types)


def _of_condition(node: tree.Condition | tree.Not, types: Types) -> Found:
    match node:
        case tree.GeneCondition():
            yield from _of_gene(node)
        case tree.AttributeCondition(name, test):
            yield from of_text("name", name)
            yield from of_test("test", test, types.attributes.get(name))
        case tree.ExternalCondition():
            yield from _of_external(node, types.external.get(node.gene))
        case tree.EventCondition(step, window, times):
            yield from _of_step("step", step)
            yield from of_window("window", window, MAX_WINDOW_DAYS)
            yield from _of_times(times)
        case tree.SequenceCondition():
            yield from _of_sequence(node)
        case tree.GoalCondition(id_, window, times):
            yield from _of_id("goal_id", id_)
            yield from of_window("window", window, MAX_WINDOW_DAYS)
            yield from _of_times(times)
        case tree.InSegment(id_):
            yield from _of_id("segment_id", id_)
        case tree.InSnapshot(id_):
            yield from _of_id("snapshot_id", id_)
        case tree.InList(id_):
            yield from _of_id("list_id", id_)


# --- conditions --------------------------------------------------------------------------------------------


def _of_gene(node: tree.GeneCondition) -> Found:
    gene = GENE_BY_ID.get(node.gene)
    if gene is None:
        detail = f'There is no gene "{node.gene[:64]}".'
        yield "gene", "GENE_NOT_KNOWN", detail, "Choose one of the catalogue, GET /v1/genes."
        return
    yield from _of_gene_window(gene, node.window)
    yield from _of_past_day(gene, node.as_of)
    problems = list(of_test("test", node.test, gene.type))
    yield from problems
    if not problems:
        yield from _of_choices(gene, node.test)
        yield from _of_bounds(gene, node.test)


def _of_gene_window(gene: Gene, window: Window | None) -> Found:
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
        yield from of_window("window", window, longest)
        if gene.windows.bounded and isinstance(window, tree.Dates):
            days = (window.last_on - window.first_on).days + 1
            if days > longest:
                detail = f"{gene.id} looks at no more than {longest} days."
                yield "window", "WINDOW_TOO_LONG", detail, f"Choose two dates at most {longest} days apart."


def _of_past_day(gene: Gene, as_of: tree.DaysAgo | tree.Dates | None) -> Found:
    """A day that is not over yet is no problem of a tree: it is told as of now."""
    if as_of is None:
        return
    if gene.id in _KNOWN_NOW_ONLY:
        detail = f"How {gene.id} was on a past day is not kept."
        yield "as_of", "AS_OF_NOT_ALLOWED", detail, "Leave the day out: then it is as of now."
        return
    bad = list(of_window("as_of", as_of, MAX_WINDOW_DAYS))
    yield from bad
    if not bad and as_of == tree.DaysAgo(0):
        yield (
            "as_of",
            "AS_OF_NOT_OVER",
            "This day is not over.",
            "Leave it out, or choose a day before today.",
        )
    one = as_of.first == as_of.last if isinstance(as_of, tree.DaysAgo) else as_of.first_on == as_of.last_on
    if not bad and not one:
        detail = "A gene is told as of the end of one day."
        yield "as_of", "AS_OF_MORE_THAN_A_DAY", detail, "Send the same day as the first and the last."


def _of_choices(gene: Gene, test: Test) -> Found:
    by_category = isinstance(test, tree.Contains) and test.by_category
    if gene.choices is None or by_category or not isinstance(test, tree.OneOf | tree.Contains):
        return
    for index, value in enumerate(test.values):
        if value not in gene.choices:
            detail = f'{gene.id} is never "{value[:64]}".'
            yield f"test.values.{index}", "VALUE_NOT_KNOWN", detail, f"Choose from {', '.join(gene.choices)}."


def _of_bounds(gene: Gene, test: Test) -> Found:
    if gene.bounds is None:
        return
    low, high = gene.bounds
    inner, at = (test.test, "test.test") if isinstance(test, tree.ValueOf) else (test, "test")
    for name, value in numbers_of(inner):
        if not low <= value <= high:
            detail = f"{gene.id} is never {value}."
            yield f"{at}.{name}", "NUMBER_OUT_OF_RANGE", detail, f"Write a number from {low} to {high}."


def _of_external(node: tree.ExternalCondition, kind: ValueType | None) -> Found:
    yield from _of_id("gene", node.gene)
    if not isinstance(node.test, tree.Changed):
        yield from of_test("test", node.test, kind)
        return
    yield from of_days("test", node.test.days, 1, MAX_WINDOW_DAYS)
    for name, value in (("before", node.test.before), ("after", node.test.after)):
        if value is None:
            continue
        bad = list(of_text(f"test.{name}", value))
        yield from bad
        if not bad and kind is not None and not is_written(value, kind):
            detail = f'No value of type {kind} is written "{value[:64]}".'
            yield f"test.{name}", "VALUE_NOT_KNOWN", detail, "Write it as values of this gene are listed."


def _of_times(times: tree.Compare | tree.Between) -> Found:
    bad = list(of_numbers("times", times))
    yield from bad
    if bad:
        return
    for name, value in numbers_of(times):
        if value < 0 or value != value.to_integral_value():
            detail = "How often is a whole number from 0 on."
            yield f"times.{name}", "NUMBER_OUT_OF_RANGE", detail, "Write 0, 1, 2 and so on."


def _of_sequence(node: tree.SequenceCondition) -> Found:
    yield from _of_step("first", node.first)
    yield from _of_step("then", node.then)
    if not 1 <= node.within_days <= MAX_WITHIN_DAYS:
        detail = f"The second event is waited for 1 to {MAX_WITHIN_DAYS} days."
        fix = f"Write a number of days from 1 to {MAX_WITHIN_DAYS}."
        yield "within_days", "NUMBER_OUT_OF_RANGE", detail, fix
    yield from of_window("window", node.window, MAX_WINDOW_DAYS)


def _of_step(at: str, step: tree.EventStep) -> Found:
    bad = list(of_text(f"{at}.event", step.event))
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
        if list(of_text("", one.path)) or not _PROPERTY_PATH.fullmatch(one.path):
            detail = "A property is named by its path: names with points between them, at most six."
            yield f"{place}.path", "PROPERTY_NOT_VALID", detail, "Write a path such as products.category."
        yield from of_test(f"{place}.test", one.test, None)


def _of_id(field: str, text: str) -> Found:
    try:
        valid = str(uuid.UUID(text)) == text
    except ValueError:
        valid = False
    if not valid:
        yield field, "ID_NOT_VALID", "This is no id of ours.", "Send the UUID exactly as it was listed."
