"""Values of external genes by nid, and what changes made of them.

Whoever was erased has no value any more from the moment the erasure is known; `forget_people` then takes
them out of what is stored too.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clickhouse import ClickHouse
from chassis.database import open_transaction
from services.insight.domain.external.columns import (
    Became,
    Column,
    Held,
    History,
    Mode,
    changed,
    column_of,
    empty,
    history_of,
    joined,
    packed,
    undone,
)
from services.insight.domain.external.kinds import ExternalType
from services.insight.errors import TooManyExternalValues
from services.insight.store.external import ExternalGene, load_gene
from services.insight.store.queries.erased import load_erased
from services.insight.store.queries.people import load_owners

MAX_PEOPLE = 20_000_000
MAX_TEXTS = 100_000
# As far back as a condition on a change may look, and a month more.
_HISTORY_DAYS = 760
_CACHED_VALUES = 40_000_000

_HELD = sa.text("select held from external_genes where tenant_id = :tenant_id and gene_id = :gene_id")
_MADE = sa.text("""
select 1 from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id and change_id = :change_id
""")
_STAGE = sa.text("""
insert into external_parts (tenant_id, gene_id, change_id, part, held)
values (:tenant_id, :gene_id, :change_id, :part, :held)
on conflict (tenant_id, gene_id, change_id, part) do update set held = excluded.held, staged_at = now()
""")
_STAGED = sa.text("""
select held from external_parts
where tenant_id = :tenant_id and gene_id = :gene_id and change_id = :change_id order by part
""")
# Those of this change, and of changes that were cancelled long ago.
_UNSTAGE = sa.text("""
delete from external_parts where tenant_id = :tenant_id and gene_id = :gene_id
    and (change_id = :change_id or staged_at < now() - interval '7 days')
""")
_ADD_CHANGE = sa.text("""
insert into external_changes (tenant_id, gene_id, number, change_id, mode, changed, unmatched, changed_by,
    changed_at, history)
values (:tenant_id, :gene_id, :number, :change_id, :mode, :changed, :unmatched, :changed_by,
    :changed_at, :history)
""")
_FORGET_OLD = sa.text("""
delete from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id and changed_at < :before and number < :number
""")
_HOLD = sa.text("""
update external_genes set number = :number, held = :held, identifiers = :identifiers,
    unmatched = :unmatched, changed_at = :changed_at
where tenant_id = :tenant_id and gene_id = :gene_id
""")
_CHANGES = sa.text("""
select number, mode, changed, unmatched, changed_by, changed_at from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id and number < :before order by number desc limit :size
""")
_HISTORIES = sa.text("""
select number, changed_at, changed_by, history from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id and changed_at >= :since and changed_at <= :until
order by number desc
""")
_NEWER = sa.text("""
select number, history from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id and changed_at > :at order by number desc
""")
_IDS = sa.text("select gene_id::text, type from external_genes where tenant_id = :tenant_id")
_ALL_HISTORIES = sa.text("""
select number, history from external_changes
where tenant_id = :tenant_id and gene_id = :gene_id
""")
_ALL_PARTS = sa.text("""
select change_id::text, part, held from external_parts
where tenant_id = :tenant_id and gene_id = :gene_id
""")
_SET_HISTORY = sa.text("""
update external_changes set history = :history
where tenant_id = :tenant_id and gene_id = :gene_id and number = :number
""")
_SET_HELD = sa.text("""
update external_genes set held = :held, identifiers = :identifiers
where tenant_id = :tenant_id and gene_id = :gene_id
""")
_SET_PART = sa.text("""
update external_parts set held = :held
where tenant_id = :tenant_id and gene_id = :gene_id and change_id = :change_id and part = :part
""")


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one gene's values; `change_id` is the same however often it is asked for."""

    gene_id: str
    change_id: str
    mode: Mode
    actor: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What one change did; `changed` nids got, lost or changed their value."""

    number: int
    mode: Mode
    changed: int
    unmatched: int
    changed_by: str
    changed_at: datetime


class ExternalValues:
    """Of a tenant's external genes; every gene_id is a UUID."""

    def __init__(self, engine: AsyncEngine, clickhouse: ClickHouse) -> None:
        self._engine = engine
        self._clickhouse = clickhouse
        self._held: OrderedDict[tuple[str, str], tuple[tuple[int, int], Column]] = OrderedDict()

    async def stage(self, tenant_id: str, change: Change, part: int, brought: Column) -> ExternalGene:
        """Keep one part of a change that is not made yet; one that is made stays as it is."""
        key = {"tenant_id": tenant_id, "gene_id": change.gene_id, "change_id": change.change_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            found = await load_gene(connection, tenant_id, change.gene_id)
            if (await connection.execute(_MADE, key)).first() is None:
                await connection.execute(_STAGE, {**key, "part": part, "held": packed(brought)})
        return found

    async def commit(self, tenant_id: str, change: Change, unmatched: int) -> ExternalGene:
        """Make all that was staged of a change the gene's values, once."""
        erased = await load_erased(self._clickhouse, tenant_id)
        key = {"tenant_id": tenant_id, "gene_id": change.gene_id, "change_id": change.change_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            gene = await load_gene(connection, tenant_id, change.gene_id, locked=True)
            if (await connection.execute(_MADE, key)).first() is None:
                kind = gene.about.type
                at = _after(gene.changed_at)
                staged = (await connection.execute(_STAGED, key)).scalars()
                brought = joined([column_of(kind, part) for part in staged], kind).without(erased)
                brought = brought.given(_milliseconds(at))
                present = await _values(connection, tenant_id, change.gene_id, kind)
                after, history = changed(present.without(erased), brought, change.mode)
                _refuse_many(after)
                values = {"at": at, "unmatched": unmatched}
                await _save(connection, key | {"number": gene.number + 1}, change, (after, history), values)
            await connection.execute(_UNSTAGE, key)
            return await load_gene(connection, tenant_id, change.gene_id)

    async def held(self, tenant_id: str, gene_id: str, now_ms: int) -> Held:
        """The values at a moment, with what is known today; raises ExternalGeneNotFound."""
        erased = await load_erased(self._clickhouse, tenant_id)
        async with open_transaction(self._engine, tenant_id) as connection:
            gene = await load_gene(connection, tenant_id, gene_id)
            kind, key = gene.about.type, (gene.number, len(erased))
            kept = self._held.get((tenant_id, gene_id))
            if kept is None or kept[0] != key:
                column = (await _values(connection, tenant_id, gene_id, kind)).without(erased)
                self._keep((tenant_id, gene_id), key, column)
            else:
                column = kept[1]
            number = gene.number
            if now_ms < _milliseconds(gene.changed_at):
                at = datetime.fromtimestamp(now_ms / 1000, UTC)
                values = {"tenant_id": tenant_id, "gene_id": gene_id, "at": at}
                for changed_in, stored in (await connection.execute(_NEWER, values)).all():
                    column = undone(column, history_of(kind, stored).without(erased))
                    number = int(changed_in) - 1
        return Held(column, (number, len(erased)))

    async def histories(
        self, tenant_id: str, gene_id: str, since: datetime, until: datetime
    ) -> Sequence[Became]:
        """Of the changes between two moments, both included, newest first."""
        erased = await load_erased(self._clickhouse, tenant_id)
        key = {"tenant_id": tenant_id, "gene_id": gene_id, "since": since, "until": until}
        async with open_transaction(self._engine, tenant_id) as connection:
            gene = await load_gene(connection, tenant_id, gene_id)
            rows = (await connection.execute(_HISTORIES, key)).all()
        return [
            Became(at, by, history_of(gene.about.type, stored).without(erased)) for _, at, by, stored in rows
        ]

    async def nids_of(self, tenant_id: str, profile_id: int, position: int) -> Sequence[int]:
        """Of whoever has this profile at a place of identity's stream."""
        owners = await load_owners(self._clickhouse, tenant_id, position, [profile_id])
        return [nid for nid, owner in owners.items() if owner == profile_id]

    async def changes(self, tenant_id: str, gene_id: str, before: int, size: int) -> Sequence[Changed]:
        """Newest first, those numbered below `before`."""
        key = {"tenant_id": tenant_id, "gene_id": gene_id, "before": before, "size": size}
        async with open_transaction(self._engine, tenant_id) as connection:
            await load_gene(connection, tenant_id, gene_id)
            rows = (await connection.execute(_CHANGES, key)).all()
        return [Changed(number, Mode(mode), *told) for number, mode, *told in rows]

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Take these nids out of everything stored, gene by gene."""
        gone = BitMap(nids)
        async with open_transaction(self._engine, tenant_id) as connection:
            genes = (await connection.execute(_IDS, {"tenant_id": tenant_id})).all()
        for gene_id, kind in genes:
            async with open_transaction(self._engine, tenant_id) as connection:
                await _forget_people(connection, tenant_id, gene_id, ExternalType(kind), gone)
            self._held.pop((tenant_id, gene_id), None)

    def _keep(self, place: tuple[str, str], key: tuple[int, int], column: Column) -> None:
        self._held[place] = key, column
        self._held.move_to_end(place)
        while len(self._held) > 1 and sum(one.nids.size for _, one in self._held.values()) > _CACHED_VALUES:
            self._held.popitem(last=False)


def _after(last: datetime) -> datetime:
    """Now in whole milliseconds, as moments are told, and never the moment of the change before."""
    at = max(datetime.now(UTC), last + timedelta(milliseconds=1))
    return at.replace(microsecond=at.microsecond // 1000 * 1000) + timedelta(
        milliseconds=at.microsecond % 1000 > 0
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


async def _values(connection: AsyncConnection, tenant_id: str, gene_id: str, kind: ExternalType) -> Column:
    stored = await connection.scalar(_HELD, {"tenant_id": tenant_id, "gene_id": gene_id})
    return empty(kind) if stored is None else column_of(kind, stored)


def _refuse_many(column: Column) -> None:
    if column.nids.size > MAX_PEOPLE:
        raise TooManyExternalValues("Too many people have a value.", limit=MAX_PEOPLE)
    if len(column.texts) > MAX_TEXTS:
        raise TooManyExternalValues("There are too many different texts.", limit=MAX_TEXTS)


async def _save(
    connection: AsyncConnection,
    key: Mapping[str, Any],
    change: Change,
    made: tuple[Column, History],
    values: Mapping[str, Any],
) -> None:
    """`key`: tenant_id, gene_id, change_id and the new number; `values`: at and unmatched."""
    after, history = made
    about = {"mode": change.mode.value, "changed_by": change.actor, "unmatched": values["unmatched"]}
    about |= {"changed": history.nids.size, "changed_at": values["at"], "history": packed(history)}
    await connection.execute(_ADD_CHANGE, {**key, **about})
    before = values["at"] - timedelta(days=_HISTORY_DAYS)
    await connection.execute(_FORGET_OLD, {**key, "before": before})
    held = {"held": packed(after), "identifiers": after.nids.size, "unmatched": values["unmatched"]}
    await connection.execute(_HOLD, {**key, **held, "changed_at": values["at"]})


async def _forget_people(
    connection: AsyncConnection, tenant_id: str, gene_id: str, kind: ExternalType, gone: BitMap
) -> None:
    key = {"tenant_id": tenant_id, "gene_id": gene_id}
    await load_gene(connection, tenant_id, gene_id, locked=True)
    held = await _values(connection, tenant_id, gene_id, kind)
    if (left := held.without(gone)) is not held:
        values = {"held": packed(left), "identifiers": left.nids.size}
        await connection.execute(_SET_HELD, {**key, **values})
    for number, stored in (await connection.execute(_ALL_HISTORIES, key)).all():
        history = history_of(kind, stored).without(gone)
        await connection.execute(_SET_HISTORY, {**key, "number": number, "history": packed(history)})
    for change_id, part, stored in (await connection.execute(_ALL_PARTS, key)).all():
        left = column_of(kind, stored).without(gone)
        values = {"change_id": change_id, "part": part, "held": packed(left)}
        await connection.execute(_SET_PART, {**key, **values})
