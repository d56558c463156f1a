"""A number of people with the tree that gives exactly these people, and how many such numbers are counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.insight.domain.segments.tree import All, AnyOf, Node, children, walk
from services.insight.errors import ReportTooWide
from services.insight.evaluation import Evaluator, Moment
from services.insight.population import NotInMemory

# One question's bits are kept until it is answered: of ten million people a tree takes a megabyte a node.
_AT_ONCE = 60
# The store asks each condition of all events.
STORE_CONDITIONS = 60


@dataclass(frozen=True, slots=True)
class PeopleNumber:
    """So many people fulfil the tree; None where no tree says who they are."""

    tree: Node | None
    profiles: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers in the order asked for; `by` is "memory" or "store"."""

    numbers: Sequence[PeopleNumber]
    everybody: int
    by: str
    # None without a tenant-relative test.
    yardstick_age_seconds: float | None = None


def among(tree: Node, *filters: Node) -> Node:
    """Who fulfils the tree and all filters, as few groups as it takes."""
    if not filters:
        return tree
    inner = tree.nodes if isinstance(tree, All) else (tree,)
    return All((*filters, *inner))


class Counter:
    """Counts many trees of one moment, in memory or by the store; all of them by the same one."""

    def __init__(self, memory: Evaluator, store: Evaluator) -> None:
        self._memory = memory
        self._store = store

    async def count(self, tenant_id: str, trees: Sequence[Node], moment: Moment) -> Counted:
        """Raises ReportTooWide where only the store can answer and would be asked too much."""
        try:
            return await _counted(self._memory, "memory", tenant_id, trees, moment)
        except NotInMemory:
            conditions = {node for tree in trees for _, node in walk(tree) if not children(node)}
            if len(conditions) > STORE_CONDITIONS:
                raise ReportTooWide(
                    "This many numbers of so many people are counted in memory only, and these are not "
                    "there, or not yet. Ask for fewer periods or rows, or again in a minute.",
                    conditions=len(conditions),
                    limit=STORE_CONDITIONS,
                ) from None
        return await _counted(self._store, "store", tenant_id, trees, moment)


async def _counted(
    evaluator: Evaluator, by: str, tenant_id: str, trees: Sequence[Node], moment: Moment
) -> Counted:
    numbers: list[PeopleNumber] = []
    everybody, ages = 0, list[float]()
    # At least one question, for everybody.
    for start in range(0, max(len(trees), 1), _AT_ONCE):
        some = trees[start : start + _AT_ONCE]
        # As nodes of one tree, whose counts come with it: their members themselves are not wanted.
        found = await evaluator.evaluate(tenant_id, AnyOf(tuple(some)), moment)
        numbers.extend(PeopleNumber(tree, found.counts[(index,)]) for index, tree in enumerate(some))
        everybody = found.everybody
        if found.yardstick_age_seconds is not None:
            ages.append(found.yardstick_age_seconds)
    return Counted(numbers, everybody, by, max(ages, default=None))
