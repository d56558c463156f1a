"""What is asked of genes and of trees that nobody saved: previews, reasons, values, how they lie."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.insight.domain.catalogue import GENE_BY_ID, GENES, Gene, ValueType
from services.insight.domain.conversions import Conversion, Numbers, conversions
from services.insight.domain.days import begins_at
from services.insight.domain.distributions import Distribution, Value, number_of
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.sentences import Names
from services.insight.domain.segments.tree import (
    All,
    AnyOf,
    Compare,
    Difference,
    ExternalCondition,
    GeneCondition,
    Known,
    Node,
    Not,
    Op,
    Path,
    Window,
    children,
    days_of,
    last_days,
    walk,
)
from services.insight.domain.segments.validation import FIRST_ON, problems_of
from services.insight.errors import DayNotValid, GeneNotKnown, NoYardstick, ProfileNotFound
from services.insight.evaluation import Laid, Moment
from services.insight.evaluators import Evaluators, Explaining
from services.insight.goals import Goals
from services.insight.names import StoredNames
from services.insight.store.tenants import Tenants
from services.insight.tree_types import TreeTypes
from services.insight.valid_trees import require_valid

# After so many days is looked whether somebody reached the goal.
_CONVERSION_DAYS = 30
# The gene that takes the tenant's value where a person has none.
_BORROWING = "purchase_cycle_days"
_NUMERIC = (ValueType.NUMBER, ValueType.MONEY, ValueType.RATIO)


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a tree contains, what its ids are called, and who answered."""

    evaluation: Evaluation
    names: Names
    by: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One node of a tree and one profile; `value` is None but for conditions on genes."""

    path: Path
    node: Node
    fulfilled: bool
    value: Value = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why somebody is in a tree or is not, parents first."""

    reasons: Sequence[Reason]
    names: Names


@dataclass(frozen=True, slots=True)
class Asked:
    """A gene's distribution: `window` None is the gene's own, `most` the number of buckets."""

    gene: str
    window: Window | None
    most: int
    # Whether to say how many of each bucket reached the goal; "" is an order.
    conversion: bool
    goal_id: str = ""


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """What a gene's values are compared with in a window."""

    laid: Laid
    window: Window | None


@dataclass(frozen=True, slots=True)
class Lies:
    """How a gene's values lie now; `conversions` are by bucket, empty where nobody asked."""

    distribution: Distribution
    conversions: Sequence[Conversion]
    window: Window | None


@dataclass(frozen=True, slots=True)
class OwnGene:
    """One gene of one profile; `percentile` is None for what is no number, or where nobody asked.

    `borrowed`: the value is the tenant's own, for want of the profile's.
    """

    gene: Gene
    window: Window | None
    value: Value
    percentile: float | None = None
    borrowed: bool = False


class Questions:
    """Every answer is of the one moment that it is asked for."""

    def __init__(
        self, evaluators: Evaluators, names: StoredNames, tenants: Tenants, types: TreeTypes, goals: Goals
    ) -> None:
        self._evaluators = evaluators
        self._names = names
        self._tenants = tenants
        self._types = types
        self._goals = goals

    async def preview(self, tenant_id: str, root: Node, moment: Moment) -> Preview:
        await self._require_valid(tenant_id, root)
        answered, names = await asyncio.gather(
            self._evaluators.answer(tenant_id, [root], moment), self._names.of(tenant_id, root)
        )
        return Preview(answered.evaluations[0], names, answered.by)

    async def explain(
        self, tenant_id: str, profile_id: int, root: Node, on: date | None, moment: Moment
    ) -> Explanation:
        """At the moment, or at the end of a local day before it with what is known at the moment."""
        await self._require_valid(tenant_id, root)
        asked: Explaining = self._evaluators
        if on is not None:
            asked, moment = self._evaluators.store, await self._end_of(tenant_id, on, moment)
        conditions = [(path, node) for path, node in walk(root) if not children(node)]
        found = await asked.fulfilled(tenant_id, [node for _, node in conditions], profile_id, moment)
        if found is None:
            raise ProfileNotFound("There was no such profile then.", profile_id=profile_id)
        fulfilled = {path: one for (path, _), one in zip(conditions, found, strict=True)}
        reasons = []
        for path, node in walk(root):
            then = await self._told_of(asked, tenant_id, node, moment)
            value = await _own_value(then[0], tenant_id, node, profile_id, then[1])
            reasons.append(Reason(path, node, _holds(node, path, fulfilled), value))
        return Explanation(reasons, await self._names.of(tenant_id, root))

    async def lies(self, tenant_id: str, asked: Asked, moment: Moment) -> Lies:
        gene, window = _known(asked.gene, asked.window)
        found = await self._evaluators.distribution(tenant_id, gene, window, asked.most, moment)
        found_since: Sequence[Conversion] = ()
        if asked.conversion:
            before = await self._before(tenant_id, gene, window, moment)
            reached = await self._goals.reached(tenant_id, asked.goal_id, last_days(_CONVERSION_DAYS))
            since = (await self._evaluators.evaluate(tenant_id, reached, moment)).members
            found_since = await asyncio.to_thread(conversions, found, before, since)
        return Lies(found, found_since, window)

    async def yardstick(
        self, tenant_id: str, gene_id: str, window: Window | None, moment: Moment
    ) -> Yardsticks:
        """`window` None: the gene's own."""
        gene, window = _known(gene_id, window)
        if gene.type not in _NUMERIC:
            raise NoYardstick(f"{gene.name.en} is no number.", gene=gene_id)
        return Yardsticks(await self._evaluators.yardstick(tenant_id, gene_id, window, moment), window)

    def renew_yardsticks(self, tenant_id: str) -> int:
        """Have them made anew when they are used next: so many there were."""
        return self._evaluators.renew_yardsticks(tenant_id)

    async def own_genes(
        self, tenant_id: str, profile_id: int, days: int, moment: Moment, *, percentiles: bool
    ) -> list[OwnGene]:
        """Of one profile, by number; `days` 0: each gene's own window."""
        windows = {gene.id: _window(gene, days) for gene in GENES}
        asked = list(windows.items())
        told = await self._evaluators.values_of(tenant_id, asked, [profile_id], moment)
        if profile_id not in told[0]:
            raise ProfileNotFound("Nothing was counted for this profile.", profile_id=profile_id)
        borrows = await self._evaluators.borrows_cycle(tenant_id, profile_id, moment)
        own = [
            OwnGene(
                gene,
                windows[gene.id],
                values[profile_id],
                borrowed=borrows and gene.id == _BORROWING and values[profile_id] is not None,
            )
            for gene, values in zip(GENES, told, strict=True)
        ]
        return await self._measured(tenant_id, own, moment) if percentiles else own

    async def _measured(self, tenant_id: str, own: Sequence[OwnGene], moment: Moment) -> list[OwnGene]:
        """With the share of the known values that are at most one's own."""
        numbers = {one.gene.id: one for one in own if one.gene.type in _NUMERIC and one.value is not None}
        roots: list[Node] = []
        for one in numbers.values():
            assert isinstance(one.value, int | float | Decimal)
            at_most = Compare(Op.LE, number_of(one.value))
            roots.append(GeneCondition(one.gene.id, at_most, one.window))
            roots.append(GeneCondition(one.gene.id, Known(), one.window))
        found = await self._evaluators.evaluate_many(tenant_id, roots, moment)
        shares = {
            gene_id: round(100 * found[2 * index].size.profiles / found[2 * index + 1].size.profiles, 6)
            for index, gene_id in enumerate(numbers)
        }
        return [replace(one, percentile=shares.get(one.gene.id)) for one in own]

    async def _require_valid(self, tenant_id: str, root: Node) -> None:
        """With everything asked for what its type allows, as far as a type is known."""
        require_valid(root, await self._types.of(tenant_id, root))

    async def _before(
        self, tenant_id: str, gene: Gene, window: Window | None, moment: Moment
    ) -> Mapping[int, Any] | Numbers:
        """Everybody's values at the end of the day before the last 30, with what is known today."""
        on = await self._today(tenant_id, moment) - timedelta(_CONVERSION_DAYS)
        then = await self._day_end(tenant_id, on, moment)
        if gene.type in _NUMERIC:
            return await self._evaluators.numbers_then(tenant_id, gene.id, window, (on, then), moment)
        return await self._evaluators.store.values(tenant_id, gene.id, window, None, then)

    async def _end_of(self, tenant_id: str, on: date, moment: Moment) -> Moment:
        if on >= await self._today(tenant_id, moment):
            raise DayNotValid("This day is not over yet; leave it out for now.", on=on)
        if on < FIRST_ON:
            raise DayNotValid("Nothing is known of so long ago.", on=on)
        return await self._day_end(tenant_id, on, moment)

    async def _told_of(
        self, asked: Explaining, tenant_id: str, node: Node, moment: Moment
    ) -> tuple[Explaining, Moment]:
        """Who tells the value of a condition, and the moment that it is of."""
        if not isinstance(node, GeneCondition) or node.as_of is None:
            return asked, moment
        on = days_of(node.as_of, await self._today(tenant_id, moment))[1]
        end = await self._day_end(tenant_id, on, moment)
        return self._evaluators.store, replace(end, now_ms=min(end.now_ms, moment.now_ms))

    async def _day_end(self, tenant_id: str, on: date, moment: Moment) -> Moment:
        zone = (await self._tenants.load(tenant_id)).time_zone
        after = begins_at(on + timedelta(1), zone)
        return Moment(moment.position, int(after.timestamp() * 1000) - 1)

    async def _today(self, tenant_id: str, moment: Moment) -> date:
        zone = (await self._tenants.load(tenant_id)).time_zone
        return datetime.fromtimestamp(moment.now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()


async def _own_value(asked: Explaining, tenant_id: str, node: Node, profile_id: int, moment: Moment) -> Value:
    match node:
        case GeneCondition(gene, _, window):
            values = await asked.values(tenant_id, gene, window, [profile_id], moment)
        case ExternalCondition(gene):
            values = await asked.brought(tenant_id, gene, [profile_id], moment)
        case _:
            return None
    value: Value = values.get(profile_id)
    return value


def _known(gene_id: str, window: Window | None) -> tuple[Gene, Window | None]:
    """The gene, and the window or its own; raises GeneNotKnown."""
    gene = GENE_BY_ID.get(gene_id)
    if gene is None:
        raise GeneNotKnown("There is no such gene.", gene=gene_id[:64])
    if window is None and gene.windows is not None:
        window = last_days(gene.windows.default_days)
    problems = problems_of(GeneCondition(gene_id, Known(), window))
    if problems:
        raise GeneNotKnown(f"{problems[0].detail} {problems[0].fix}", gene=gene_id)
    return gene, window


def _window(gene: Gene, days: int) -> Window | None:
    if gene.windows is None:
        return None
    return last_days(min(days or gene.windows.default_days, gene.windows.max_days))


def _holds(node: Node, path: Path, fulfilled: Mapping[Path, bool]) -> bool:
    """Whether a node contains the profile, from what its conditions say."""
    inner = [_holds(child, (*path, index), fulfilled) for index, child in enumerate(children(node))]
    match node:
        case All():
            return all(inner)
        case AnyOf():
            return any(inner)
        case Not():
            return not inner[0]
        case Difference():
            return inner[0] and not any(inner[1:])
        case _:
            return fulfilled[path]
