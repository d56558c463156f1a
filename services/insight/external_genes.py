"""The steps of bringing values of external genes, and what is asked of them."""

import asyncio
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.insight.domain.catalogue import ValueType
from services.insight.domain.conversions import Conversion, conversions
from services.insight.domain.days import begins_at
from services.insight.domain.distributions import Distribution, distribution
from services.insight.domain.external.columns import Mode, column
from services.insight.domain.external.kinds import NUMERIC, ExternalType, ValueNotValid, value_type, written
from services.insight.domain.segments.tree import Compare, ExternalCondition, Known, Node, Op, last_days
from services.insight.errors import ExternalChangeNotValid, ExternalGeneNotValid
from services.insight.evaluation import Moment
from services.insight.evaluators import Evaluators
from services.insight.goals import Goals
from services.insight.store.external import About, ExternalGene, ExternalGenes
from services.insight.store.external_values import Change, ExternalValues
from services.insight.store.tenants import Tenants

MAX_ROWS = 20_000
_MAX_NID = 2**31 - 1
_LIMITS = {"name_zh": 200, "name_en": 200, "unit": 20, "version": 100, "description": 2_000, "owner": 200}
_MAX_FIGURES = 20
_MAX_FIGURE_CHARACTERS = 100
_MAX_HISTORY = 50
_HISTORY = timedelta(days=730)
# After so many days is looked whether somebody reached the goal.
_CONVERSION_DAYS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One identifier's value as somebody wrote it."""

    nid: int
    value: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of a part that is not taken."""

    row: int
    detail: str


@dataclass(frozen=True, slots=True)
class Lying:
    """What a distribution asks of a gene."""

    type: ValueType
    choices: None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a change made of one profile's value; None where there was none."""

    before: str | None
    after: str | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class OwnExternal:
    """One gene of one profile, with what its value was, newest first."""

    gene: ExternalGene
    value: Any
    history: Sequence[Earlier]
    # Share of the known numbers that are at most this one; None for others, or where nobody asked.
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A gene's distribution; `most` is the number of buckets, a goal "" an order."""

    gene_id: str
    most: int
    conversion: bool = False
    goal_id: str = ""


@dataclass(frozen=True, slots=True)
class Lies:
    """How a gene's values lie now; `conversions` are by bucket, empty where nobody asked."""

    distribution: Distribution
    conversions: Sequence[Conversion]


class Bringing:
    """A tenant's external genes and their values."""

    def __init__(
        self,
        genes: ExternalGenes,
        values: ExternalValues,
        evaluators: Evaluators,
        goals: Goals,
        tenants: Tenants,
    ) -> None:
        self.genes = genes
        self.values = values
        self._evaluators = evaluators
        self._goals = goals
        self._tenants = tenants

    async def create(self, tenant_id: str, gene_id: str, about: About) -> ExternalGene:
        return await self.genes.add(tenant_id, gene_id, _checked(about))

    async def describe(self, tenant_id: str, gene_id: str, about: About) -> ExternalGene:
        return await self.genes.describe(tenant_id, gene_id, _checked(about))

    async def put(
        self, tenant_id: str, change: Change, part: int, rows: Sequence[Row], *, only_check: bool = False
    ) -> tuple[ExternalGene, list[Refused]]:
        """Keep the rows that can be read; of a nid that comes twice the last counts."""
        if len(rows) > MAX_ROWS or any(not 0 < row.nid <= _MAX_NID for row in rows):
            raise ExternalChangeNotValid(f"A part has at most {MAX_ROWS:,} rows.", limit=MAX_ROWS)
        gene = await self.genes.load(tenant_id, change.gene_id)
        kind, removes = gene.about.type, change.mode is Mode.REMOVE
        told, refused = await asyncio.to_thread(_read, rows, kind, removes=removes)
        if told and not only_check:
            gene = await self.values.stage(tenant_id, change, part, column(kind, told, 0))
        return gene, refused

    async def lies(self, tenant_id: str, asked: Asked, moment: Moment) -> Lies:
        gene = await self.genes.load(tenant_id, asked.gene_id)
        values = await self._evaluators.brought(tenant_id, asked.gene_id, None, moment)
        lying = Lying(value_type(gene.about.type))
        found = await asyncio.to_thread(distribution, lying, values.values(), asked.most)
        found_since: Sequence[Conversion] = ()
        if asked.conversion:
            then = await self._before(tenant_id, moment)
            before = await self._evaluators.store.brought(tenant_id, asked.gene_id, None, then)
            reached = await self._goals.reached(tenant_id, asked.goal_id, last_days(_CONVERSION_DAYS))
            since = (await self._evaluators.evaluate(tenant_id, reached, moment)).members
            found_since = await asyncio.to_thread(conversions, found, before, since)
        return Lies(found, found_since)

    async def people(self, tenant_id: str, gene_id: str, moment: Moment) -> int:
        """How many have a value."""
        known = ExternalCondition(gene_id, Known())
        return (await self._evaluators.evaluate(tenant_id, known, moment)).size.profiles

    async def own(
        self, tenant_id: str, profile_id: int, moment: Moment, *, percentiles: bool
    ) -> list[OwnExternal]:
        """Genes that the profile has or had a value of, by name."""
        nids = await self.values.nids_of(tenant_id, profile_id, moment.position)
        until = datetime.fromtimestamp(moment.now_ms / 1000, UTC)
        found = []
        for gene in sorted(await self.genes.every(tenant_id), key=lambda gene: gene.about.name_zh):
            told = await self._evaluators.brought(tenant_id, gene.gene_id, [profile_id], moment)
            histories = await self.values.histories(tenant_id, gene.gene_id, until - _HISTORY, until)
            earlier = [
                Earlier(before, after, became.changed_at, became.changed_by)
                for became in histories
                for before, after in became.history.of(nids)
            ]
            if told.get(profile_id) is not None or earlier:
                found.append(OwnExternal(gene, told.get(profile_id), earlier[:_MAX_HISTORY]))
        return await self._measured(tenant_id, found, moment) if percentiles else found

    async def _measured(
        self, tenant_id: str, own: Sequence[OwnExternal], moment: Moment
    ) -> list[OwnExternal]:
        """With the share of everybody's known numbers that are at most one's own."""
        numbers = [one for one in own if one.gene.about.type in NUMERIC and one.value is not None]
        roots: list[Node] = []
        for one in numbers:
            assert isinstance(one.value, Decimal)
            roots.append(ExternalCondition(one.gene.gene_id, Compare(Op.LE, one.value)))
            roots.append(ExternalCondition(one.gene.gene_id, Known()))
        found = await self._evaluators.evaluate_many(tenant_id, roots, moment) if roots else ()
        counts = [one.size.profiles for one in found]
        shares = {
            one.gene.gene_id: round(100 * at_most / known, 6)
            for one, at_most, known in zip(numbers, counts[::2], counts[1::2], strict=True)
        }
        return [replace(one, percentile=shares.get(one.gene.gene_id)) for one in own]

    async def _before(self, tenant_id: str, moment: Moment) -> Moment:
        """The end of the local day before the last 30."""
        zone = (await self._tenants.load(tenant_id)).time_zone
        today = datetime.fromtimestamp(moment.now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()
        after = begins_at(today - timedelta(_CONVERSION_DAYS - 1), zone)
        return Moment(moment.position, int(after.timestamp() * 1000) - 1)


def _read(
    rows: Sequence[Row], kind: ExternalType, *, removes: bool
) -> tuple[Mapping[int, str], list[Refused]]:
    told: dict[int, str] = {}
    refused = []
    for place, row in enumerate(rows):
        try:
            told[row.nid] = _NOTHING[kind] if removes else written(row.value, kind)
        except ValueNotValid as error:
            refused.append(Refused(place, str(error)))
    return told, refused


# What stands for a value where only the person counts.
_NOTHING: Mapping[ExternalType, str] = {
    **dict.fromkeys((ExternalType.NUMBER, ExternalType.MONEY, ExternalType.RATIO), "0"),
    **dict.fromkeys((ExternalType.CATEGORY, ExternalType.BOOLEAN), ""),
    ExternalType.DATE: "1970-01-01",
    ExternalType.LIST: json.dumps([]),
}


def _checked(about: About) -> About:
    """Raises ExternalGeneNotValid."""
    texts = {name: _text(name, getattr(about, name), limit) for name, limit in _LIMITS.items()}
    for field in ("name_zh", "name_en"):
        if not texts[field]:
            raise ExternalGeneNotValid("A gene has a name in both languages.", field=field)
    if len(about.validation) > _MAX_FIGURES:
        raise ExternalGeneNotValid(f"At most {_MAX_FIGURES} figures.", field="validation", limit=_MAX_FIGURES)
    figures = {
        _text("validation", name, _MAX_FIGURE_CHARACTERS): _text("validation", value, _MAX_FIGURE_CHARACTERS)
        for name, value in about.validation.items()
    }
    return About(type=about.type, origin=about.origin, validation=figures, **texts)


def _text(field: str, sent: str, limit: int) -> str:
    text = unicodedata.normalize("NFC", sent).strip()
    lines = ("\n", "\t") if field == "description" else ()
    if len(text) > limit or any(unicodedata.category(one) == "Cc" and one not in lines for one in text):
        detail = f"{field} has at most {limit} characters, none of which controls anything."
        raise ExternalGeneNotValid(detail, field=field, limit=limit)
    return text
