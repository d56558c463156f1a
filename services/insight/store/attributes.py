"""A tenant's attributes: the traits it has sent, with types that their values told or somebody chose."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.clickhouse import ClickHouse
from chassis.database import open_transaction
from services.insight.domain.attributes import AttributeType, inferred
from services.insight.errors import TooManyAttributeTypes
from services.insight.store.events import Watermark
from services.insight.store.queries.attributes import MAX_NAMES, load_samples, load_traits_sent

T = TypeVar("T")

# Reading all traits of a tenant takes its time: counts, and types that conditions are held against, are this
# old at most. A condition on a name that is newer than its type is taken as it is.
_COUNTS_SECONDS = 5.0
_TYPES_SECONDS = 60.0
_TENANTS_KEPT = 200
_MAX_CHOSEN = 1_000

_CHOSEN = sa.text("select name, type from attribute_types where tenant_id = :tenant_id")
_COUNT = sa.text("select count(*) from attribute_types where tenant_id = :tenant_id")
_CHOOSE = sa.text("""
insert into attribute_types (tenant_id, name, type, changed_by)
values (:tenant_id, :name, :type, :changed_by)
on conflict (tenant_id, name) do update
set type = excluded.type, changed_by = excluded.changed_by, changed_at = now()
""")
_UNCHOOSE = sa.text("delete from attribute_types where tenant_id = :tenant_id and name = :name")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One trait name; `inferred` is None where every sampled value is null."""

    name: str
    type: AttributeType
    inferred: AttributeType | None
    chosen: bool
    people: int
    # JSON texts with how many people have each; None where there are too many values to count.
    top_values: Sequence[tuple[str, int]] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a tenant has sent, as of a watermark; `all_named`: no name was left off."""

    attributes: Sequence[Attribute]
    watermark: Watermark
    all_named: bool


class Attributes:
    """What traits there are, and of which type."""

    def __init__(
        self, engine: AsyncEngine, clickhouse: ClickHouse, watermark: Callable[[], Watermark]
    ) -> None:
        self._engine = engine
        self._clickhouse = clickhouse
        self._watermark = watermark
        self._sent: _Kept[Sent] = _Kept(_COUNTS_SECONDS)
        self._types: _Kept[Mapping[str, AttributeType]] = _Kept(_TYPES_SECONDS)

    async def types(self, tenant_id: str) -> Mapping[str, AttributeType]:
        """By name, the chosen ones of names that were never sent too."""
        types = self._types.get(tenant_id)
        if types is None:
            samples = await load_samples(self._clickhouse, tenant_id, self._watermark().position)
            told = {name: inferred(values) or AttributeType.TEXT for name, values in samples.items()}
            types = told | await self._chosen(tenant_id)
            self._types.put(tenant_id, types)
        return types

    async def load(self, tenant_id: str) -> Sent:
        """Those that most people have first."""
        sent, chosen = await self._counted(tenant_id), await self._chosen(tenant_id)
        attributes = [
            Attribute(
                one.name,
                chosen.get(one.name, one.type),
                one.inferred,
                one.name in chosen,
                one.people,
                one.top_values,
            )
            for one in sent.attributes
        ]
        return Sent(attributes, sent.watermark, sent.all_named)

    async def choose(self, tenant_id: str, name: str, kind: AttributeType | None, actor: str) -> None:
        """None: as its values tell. Raises TooManyAttributeTypes."""
        self._types.drop(tenant_id)
        key = {"tenant_id": tenant_id, "name": name}
        async with open_transaction(self._engine, tenant_id) as connection:
            if kind is None:
                await connection.execute(_UNCHOOSE, key)
                return
            await connection.execute(_CHOOSE, {**key, "type": kind.value, "changed_by": actor})
            if int((await connection.execute(_COUNT, key)).scalar_one()) > _MAX_CHOSEN:
                raise TooManyAttributeTypes("Too many types are chosen.", limit=_MAX_CHOSEN)

    async def _chosen(self, tenant_id: str) -> dict[str, AttributeType]:
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = await connection.execute(_CHOSEN, {"tenant_id": tenant_id})
            return {row.name: AttributeType(row.type) for row in rows}

    async def _counted(self, tenant_id: str) -> Sent:
        """With the types as their values tell."""
        sent = self._sent.get(tenant_id)
        if sent is not None:
            return sent
        watermark = self._watermark()
        found, samples = await asyncio.gather(
            load_traits_sent(self._clickhouse, tenant_id, watermark.position),
            load_samples(self._clickhouse, tenant_id, watermark.position),
        )
        attributes = []
        for one in found[:MAX_NAMES]:
            told = inferred(samples.get(one.name, ()))
            kind = told or AttributeType.TEXT
            attributes.append(Attribute(one.name, kind, told, False, one.people, one.top_values))
        sent = Sent(attributes, watermark, len(found) <= MAX_NAMES)
        self._sent.put(tenant_id, sent)
        return sent


class _Kept(Generic[T]):
    """What was found out of tenants some seconds ago, of those that were asked for last."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._found: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, tenant_id: str) -> T | None:
        at, found = self._found.get(tenant_id, (-math.inf, None))
        return found if time.monotonic() - at < self._seconds else None

    def put(self, tenant_id: str, found: T) -> None:
        self._found[tenant_id] = time.monotonic(), found
        self._found.move_to_end(tenant_id)
        while len(self._found) > _TENANTS_KEPT:
            self._found.popitem(last=False)

    def drop(self, tenant_id: str) -> None:
        self._found.pop(tenant_id, None)
