"""Who is in a segment's tree, and in each of its nodes, asked of one person after the other."""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.insight.domain.external.kinds import ExternalType
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Changed,
    Compare,
    Contains,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InMonth,
    InSegment,
    InSnapshot,
    Known,
    Mode,
    Node,
    Not,
    OnDate,
    OneOf,
    Op,
    Path,
    PropertyTest,
    SequenceCondition,
    Share,
    Test,
    Trend,
    ValueOf,
    children,
)
from tests.gene_reference.external import ExternalGene
from tests.gene_reference.history import Event
from tests.gene_reference.person import Person
from tests.gene_reference.readings import normalised
from tests.gene_reference.reference import Reference, exact, mean, middle

_DAY_MS = 86_400_000
_DIGITS = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?")
_CATEGORIES = {"viewed_categories", "bought_categories"}


@dataclass(frozen=True)
class Saved:
    """What a tree may refer to beside events, by id. Lists and snapshots are of nids."""

    segments: Mapping[str, Node] = field(default_factory=dict)
    snapshots: Mapping[str, Collection[int]] = field(default_factory=dict)
    lists: Mapping[str, Collection[int]] = field(default_factory=dict)
    goals: Mapping[str, EventStep] = field(default_factory=dict)
    external: Mapping[str, ExternalGene] = field(default_factory=dict)


NOTHING_SAVED = Saved()


def members(reference: Reference, node: Node, saved: Saved = NOTHING_SAVED) -> frozenset[int]:
    """Profile ids of a tree."""
    return evaluate(reference, node, saved)[()]


def evaluate(
    reference: Reference, node: Node, saved: Saved = NOTHING_SAVED, at: Path = ()
) -> dict[Path, frozenset[int]]:
    """Profile ids of every node, by its path."""
    found: dict[Path, frozenset[int]] = {}
    parts = []
    for index, child in enumerate(children(node)):
        found |= evaluate(reference, child, saved, (*at, index))
        parts.append(found[(*at, index)])
    found[at] = _members(reference, node, parts, saved)
    return found


def _members(reference: Reference, node: Node, parts: list[frozenset[int]], saved: Saved) -> frozenset[int]:
    everybody = reference.everybody
    match node:
        case All():
            return everybody.intersection(*parts)
        case AnyOf():
            return frozenset().union(*parts)
        case Not():
            return everybody - parts[0]
        case Difference():
            return parts[0].difference(*parts[1:]) if parts else frozenset()
        case InSegment(segment_id):
            return members(reference, saved.segments[segment_id], saved)
        case InSnapshot(snapshot_id):
            return everybody & {
                reference.profile(nid) for nid in saved.snapshots[snapshot_id] if nid not in reference.erased
            }
        case InList(list_id):
            return everybody & {
                reference.profile(nid) for nid in saved.lists[list_id] if nid not in reference.erased
            }
        case GoalCondition(goal_id, window, times):
            return members(reference, EventCondition(saved.goals[goal_id], window, times), saved)
        case ExternalCondition(gene, test):
            return _external(reference, saved.external[gene], test)
        case _:
            asked = _question(reference, node)
            return frozenset(one for one, person in reference.people.items() if asked(person))


def _question(reference: Reference, node: Node) -> Callable[[Person], bool]:
    """Whether one person fulfils a condition."""
    match node:
        case GeneCondition():
            return _gene(reference, node)
        case AttributeCondition(name, test):
            return lambda person: _attribute(test, person.trait(name), reference.today)
        case EventCondition(step, window, times):
            return lambda person: _number(
                times, Decimal(sum(fits(event, step) for event in person.did(step.event, window)))
            )
        case SequenceCondition():
            return lambda person: _sequence(node, person)
        case _:
            raise TypeError(node)


# --- external genes ----------------------------------------------------------------------------------------


def _external(reference: Reference, gene: ExternalGene, test: Test | Changed) -> frozenset[int]:
    erased = reference.erased
    if isinstance(test, Changed):
        nids = gene.changed(test, reference.settings, reference.now_ms) - erased
        return reference.everybody & {reference.profile(nid) for nid in nids}
    newest: dict[int, tuple[int, int, str]] = {}
    for nid, (at_ms, value) in gene.values(reference.now_ms).items():
        if nid not in erased:
            profile_id = reference.profile(nid)
            newest[profile_id] = max(newest.get(profile_id, (0, 0, "")), (at_ms, nid, value))
    values = {one: _read(newest[one][2], gene.kind) if one in newest else None for one in reference.everybody}
    if isinstance(test, AgainstYardstick | Share):
        return _relative(test, {one: x for one, x in values.items() if isinstance(x, Decimal)})
    if isinstance(test, Contains):
        return frozenset(
            one for one, x in values.items() if _contains(test, _list(x), lambda has, asked: has == asked)
        )
    return frozenset(one for one, x in values.items() if _test(test, x, reference.today))


def _read(text: str, kind: ExternalType) -> object:
    match kind:
        case ExternalType.NUMBER | ExternalType.MONEY | ExternalType.RATIO:
            return Decimal(text)
        case ExternalType.DATE:
            return date.fromisoformat(text)
        case ExternalType.LIST:
            return frozenset(json.loads(text))
        case _:
            return text


# --- genes -------------------------------------------------------------------------------------------------


def _gene(reference: Reference, node: GeneCondition) -> Callable[[Person], bool]:
    if node.as_of is not None:
        then = reference.at_end_of(node.as_of)
        fulfilled = _gene(then, replace(node, as_of=None))
        return lambda person: fulfilled(then.people[person.profile_id])
    test, values = node.test, reference.values(node.gene, node.window)
    match test:
        case AgainstYardstick() | Share():
            chosen = _relative(test, reference.numbers(node.gene, node.window))
            return lambda person: person.profile_id in chosen
        case Trend(key, rising):
            change = reference.rising if rising else reference.falling
            return lambda person: change(person.profile_id, key)
        case ValueOf(key, inner):
            return lambda person: _test(inner, _of(values[person.profile_id], key), reference.today)
        case Contains(by_category=True):
            return lambda person: _contains(
                test,
                {reference.dictionary.categories.get(one, "") for one in _list(values[person.profile_id])},
                _descends,
            )
        case Contains():
            return lambda person: _contains(
                test, _list(values[person.profile_id]), _matching(node.gene, test)
            )
        case _:
            return lambda person: _test(test, values[person.profile_id], reference.today)


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _list(value: object) -> set[str]:
    return {str(one) for one in value} if isinstance(value, frozenset) else set()


def _relative(test: AgainstYardstick | Share, numbers: Mapping[int, Decimal]) -> frozenset[int]:
    """Against the known values of everybody."""
    if not numbers:
        return frozenset()
    if isinstance(test, AgainstYardstick):
        level = mean(numbers.values()) if test.of == "mean" else middle(numbers.values())
        return frozenset(one for one, x in numbers.items() if (x > level if test.above else x < level))
    # As many as the share of those with a value, rounded up; whoever ties with the last of them is in.
    wanted = min(math.ceil(len(numbers) * test.percent / 100), len(numbers))
    if wanted <= 0:
        return frozenset()
    last = sorted(numbers.values(), reverse=test.top)[wanted - 1]
    return frozenset(one for one, x in numbers.items() if (x >= last if test.top else x <= last))


def _matching(gene: str, test: Contains) -> Callable[[str, str], bool]:
    """(what somebody has, what is asked for) -> whether it is meant."""
    if gene in _CATEGORIES:
        return _descends
    if gene == "search_keywords":
        if test.part:
            return lambda has, asked: normalised(asked) in has
        return lambda has, asked: normalised(asked) == has
    return lambda has, asked: has == asked


def _descends(has: str, asked: str) -> bool:
    return has == asked or has.startswith(f"{asked} > ")


def _contains(test: Contains, has: Collection[str], means: Callable[[str, str], bool]) -> bool:
    answers = [any(means(one, asked) for one in has) for asked in test.values]
    match test.mode:
        case Mode.ANY:
            return any(answers)
        case Mode.ALL:
            return all(answers)
        case Mode.NONE:
            return not any(answers)


# --- tests of one value ------------------------------------------------------------------------------------


def _test(test: Test, value: object, today: date) -> bool:
    """A comparison with unknown is false, also != and "is not"."""
    if isinstance(test, Known):
        known = value is not None and value not in (frozenset(), {}, [])
        return known != test.negated
    if value is None:
        return False
    match test:
        case Compare() | Between():
            number = _as_number(value)
            return number is not None and _number(test, number)
        case OneOf(values, negated):
            return (str(value) in values) != negated
        case _:
            return isinstance(value, date) and _date(test, value, today)


def _as_number(value: object) -> Decimal | None:
    """None for what is no number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return exact(value)


def _number(test: Compare | Between, value: Decimal) -> bool:
    if isinstance(test, Between):
        return test.low <= value <= test.high
    match test.op:
        case Op.EQ:
            return value == test.value
        case Op.NE:
            return value != test.value
        case Op.LT:
            return value < test.value
        case Op.LE:
            return value <= test.value
        case Op.GT:
            return value > test.value
        case Op.GE:
            return value >= test.value


def _date(test: Test, on: date, today: date) -> bool:
    match test:
        case OnDate("before", other):
            return on < other
        case OnDate("after", other):
            return on > other
        case OnDate("on", other):
            return on == other
        case DaysSince(days, more=True):
            return (today - on).days > days
        case DaysSince(days):
            return 0 <= (today - on).days < days
        case AnniversaryWithin(days):
            return any(_anniversary(on, today + timedelta(ahead)) for ahead in range(days + 1))
        case InMonth(month):
            return on.month == month
        case _:
            raise TypeError(test)


def _anniversary(on: date, day: date) -> bool:
    """29 February is the 28th in other years."""
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    celebrated = (2, 28) if (on.month, on.day) == (2, 29) and not leap else (on.month, on.day)
    return celebrated == (day.month, day.day)


# --- attributes --------------------------------------------------------------------------------------------


def _attribute(test: Test, value: Any, today: date) -> bool:
    if isinstance(test, Contains):
        has = [_text(one) for one in value if one is not None] if isinstance(value, list) else []
        return _contains(test, has, lambda one, asked: asked in one if test.part else asked == one)
    if isinstance(test, OneOf) and value is not None:
        return (_text(value) in test.values) != test.negated
    if isinstance(test, OnDate | DaysSince | AnniversaryWithin | InMonth):
        on = _day(value, any_year=isinstance(test, AnniversaryWithin | InMonth))
        return on is not None and _date(test, on, today)
    if isinstance(test, Compare | Between) and isinstance(value, str):
        # Who asks for a number of a text means the number that it is.
        return _DIGITS.fullmatch(value.strip()) is not None and _number(test, Decimal(value.strip()))
    return _test(test, value, today)


def _day(value: object, *, any_year: bool) -> date | None:
    """Of a moment its day as written; --MM-DD is a day of every year."""
    if not isinstance(value, str):
        return None
    if value.startswith("--"):
        value = f"2000-{value[2:4]}-{value[-2:]}" if any_year else ""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- events ------------------------------------------------------------------------------------------------


def fits(event: Event, step: EventStep) -> bool:
    """Whether an event is of a step."""
    return event.name == step.event and all(_property(one, event) for one in step.where)


def _property(asked: PropertyTest, event: Event) -> bool:
    values = [value for value in _at(event.properties, asked.path.split(".")) if value is not None]
    match asked.test:
        case Known(negated):
            return bool(values) != negated
        case Compare() | Between():
            numbers = [number for value in values if (number := _as_number(value)) is not None]
            return any(_number(asked.test, number) for number in numbers)
        case OneOf(wanted, negated):
            return bool(values) and any(_text(value) in wanted for value in values) != negated
        case Contains() as test:
            texts = [_text(value) for value in values]
            return _contains(test, texts, lambda one, asked: asked in one if test.part else asked == one)


def _at(said: object, path: list[str]) -> list[Any]:
    """The values a path leads to; of a list, those of every element."""
    if isinstance(said, list):
        return [value for one in said for value in _at(one, path)]
    if not path:
        return [said]
    return _at(said[path[0]], path[1:]) if isinstance(said, Mapping) and path[0] in said else []


def _sequence(node: SequenceCondition, person: Person) -> bool:
    within_ms = node.within_days * _DAY_MS
    followers = [event.happened_ms for event in person.events if fits(event, node.then)]
    for event in person.did(node.first.event, node.window):
        if not fits(event, node.first):
            continue
        ends_ms = event.happened_ms + within_ms
        followed = any(event.happened_ms < at_ms <= ends_ms for at_ms in followers)
        if followed and not node.absent:
            return True
        if node.absent and not followed and ends_ms < person.now_ms:
            return True
    return False
