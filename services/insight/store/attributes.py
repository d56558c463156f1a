"""A tenant's attributes: the traits it has sent, with types that their values told or somebody chose."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.clickhouse import ClickHouse
from chassis.database import open_transaction
from services.insight.domain.attributes import AttributeType, inferred
from services.insight.errors import TooManyAttributeTypes
from services.insight.store.events import Watermark
from services.insight.store.queries.attributes import MAX_NAMES, load_traits_sent

# Counting all traits reads all of them; a new name is seen so much later.
_FRESH_SECONDS = 5.0
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
    """What traits there are; answers are as old as `_FRESH_SECONDS`, and say of when they are."""

    def __init__(
        self, engine: AsyncEngine, clickhouse: ClickHouse, watermark: Callable[[], Watermark]
    ) -> None:
        self._engine = engine
        self._clickhouse = clickhouse
        self._watermark = watermark
        self._kept: OrderedDict[str, tuple[float, Sent]] = OrderedDict()

    async def types(self, tenant_id: str) -> Mapping[str, AttributeType]:
        """By name, the chosen ones of names that were never sent too."""
        sent = await self._sent(tenant_id)
        return {one.name: one.type for one in sent.attributes} | await self._chosen(tenant_id)

    async def load(self, tenant_id: str) -> Sent:
        """Those that most people have first."""
        sent, chosen = await self._sent(tenant_id), await self._chosen(tenant_id)
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

    async def _sent(self, tenant_id: str) -> Sent:
        """With the types as their values tell."""
        kept = self._kept.get(tenant_id)
        if kept is not None and time.monotonic() - kept[0] < _FRESH_SECONDS:
            return kept[1]
        watermark, at = self._watermark(), time.monotonic()
        found = await load_traits_sent(self._clickhouse, tenant_id, watermark.position)
        attributes = []
        for one in found[:MAX_NAMES]:
            told = inferred(one.samples)
            kind = told or AttributeType.TEXT
            attributes.append(Attribute(one.name, kind, told, False, one.people, one.top_values))
        sent = Sent(attributes, watermark, len(found) <= MAX_NAMES)
        self._kept[tenant_id] = at, sent
        self._kept.move_to_end(tenant_id)
        while len(self._kept) > _TENANTS_KEPT:
            self._kept.popitem(last=False)
        return sent
