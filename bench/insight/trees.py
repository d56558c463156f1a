"""Trees as marketers build them: five conditions in three nested groups, other ones in every run."""

import random
from dataclasses import replace
from decimal import Decimal

from services.insight.domain.segments.tree import (
    All,
    AnyOf,
    Compare,
    Contains,
    DaysAgo,
    GeneCondition,
    Known,
    Mode,
    Node,
    Not,
    OneOf,
    Op,
    last_days,
)

# Windows are arbitrary, so that nobody could have prepared them.
SHORTEST, LONGEST = 2, 380
ROOT_CATEGORIES = tuple(f"c{number}" for number in range(10))
STAGES = ("loyal", "repeat", "first_time", "member", "visitor")
KINDS = (
    "sessions",
    "orders",
    "days_since_order",
    "spend_percentile",
    "favourite_category",
    "viewed_categories",
    "abandoned_cart",
    "no_order",
    "member_stage",
)


class Trees:
    """Makes trees at random; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def tree(self) -> Node:
        """Five conditions, three groups: eight counts, negated parts included."""
        one, two, three, four, five = (self.condition(kind) for kind in self._chance.sample(KINDS, 5))
        inner: Node = AnyOf((two, three))
        match self._chance.randrange(3):
            case 0:
                return All((one, inner, Not(four), five))
            case 1:
                return AnyOf((All((one, inner)), four, five))
            case _:
                return All((one, AnyOf((inner, four)), five))

    def edited(self, tree: Node) -> Node:
        """The tree with another threshold or another window in one of its conditions."""
        places = _conditions(tree)
        while True:
            place = self._chance.choice(places)
            found = _at(tree, place)
            changed = self._changed(found)
            if changed != found:
                return _with(tree, place, changed)

    def condition(self, kind: str) -> GeneCondition:
        """A condition of this kind in any window."""
        chance = self._chance
        window = last_days(chance.randint(SHORTEST, LONGEST))
        match kind:
            case "sessions":
                return GeneCondition(kind, Compare(Op.GE, Decimal(chance.randint(1, 12))), window)
            case "orders":
                return GeneCondition(kind, Compare(Op.GE, Decimal(chance.randint(1, 3))), window)
            case "no_order":
                return GeneCondition("orders", Compare(Op.EQ, Decimal(0)), window)
            case "days_since_order":
                return GeneCondition(kind, Compare(Op.LE, Decimal(chance.randint(2, 200))))
            case "spend_percentile":
                return GeneCondition(kind, Compare(Op.GE, Decimal(100 - chance.randint(1, 40))), window)
            case "favourite_category":
                return GeneCondition(kind, OneOf(tuple(chance.sample(ROOT_CATEGORIES, 2))))
            case "viewed_categories":
                return GeneCondition(
                    kind, Contains(Mode.ANY, tuple(chance.sample(ROOT_CATEGORIES, 2))), window
                )
            case "abandoned_cart":
                return GeneCondition(kind, Known(), window)
            case _:
                return GeneCondition("member_stage", OneOf(tuple(chance.sample(STAGES, 2))))

    def _changed(self, condition: GeneCondition) -> GeneCondition:
        test, window, step = condition.test, condition.window, self._chance.choice((-1, 1))
        if isinstance(window, DaysAgo) and self._chance.random() < 0.5:
            days = min(max(window.first + 7 * step, SHORTEST), LONGEST)
            return replace(condition, window=DaysAgo(days))
        if isinstance(test, Compare):
            return replace(condition, test=replace(test, value=abs(test.value + step)))
        if isinstance(test, OneOf) and condition.gene == "favourite_category":
            return replace(condition, test=OneOf(tuple(self._chance.sample(ROOT_CATEGORIES, 2))))
        return condition


def _conditions(tree: Node, at: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    if isinstance(tree, GeneCondition):
        return [at]
    inner = _nodes(tree)
    return [place for index, node in enumerate(inner) for place in _conditions(node, (*at, index))]


def _nodes(tree: Node) -> tuple[Node, ...]:
    assert isinstance(tree, All | AnyOf | Not)
    return (tree.node,) if isinstance(tree, Not) else tree.nodes


def _at(tree: Node, place: tuple[int, ...]) -> GeneCondition:
    for index in place:
        tree = _nodes(tree)[index]
    assert isinstance(tree, GeneCondition)
    return tree


def _with(tree: Node, place: tuple[int, ...], condition: GeneCondition) -> Node:
    if not place:
        return condition
    if isinstance(tree, Not):
        return Not(_with(tree.node, place[1:], condition))
    assert isinstance(tree, All | AnyOf)
    nodes = list(tree.nodes)
    nodes[place[0]] = _with(nodes[place[0]], place[1:], condition)
    return replace(tree, nodes=tuple(nodes))
