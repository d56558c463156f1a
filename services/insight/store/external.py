"""A tenant's external genes: what they are called and what their values are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.external.kinds import ExternalType, Origin
from services.insight.domain.segments.names import key_of
from services.insight.errors import (
    ExternalGeneInUse,
    ExternalGeneNameTaken,
    ExternalGeneNotFound,
    TooManyExternalGenes,
)

MAX_GENES = 200

_COLUMNS = """
gene_id::text, name_zh, name_en, type, unit, origin, version, description, validation, owner, number,
identifiers, unmatched, created_at, changed_at
"""
_ONE = sa.text(f"select {_COLUMNS} from external_genes where tenant_id = :tenant_id and gene_id = :gene_id")
_LOCKED = sa.text(f"""
select {_COLUMNS} from external_genes
where tenant_id = :tenant_id and gene_id = :gene_id for update
""")
_ALL = sa.text(f"select {_COLUMNS} from external_genes where tenant_id = :tenant_id")
_PAGE = sa.text(
    f"select {_COLUMNS} from external_genes where tenant_id = :tenant_id "
    "and (created_at, gene_id) < (:created_at, :gene_id) order by created_at desc, gene_id desc limit :size"
)
_COUNT = sa.text("select count(*) from external_genes where tenant_id = :tenant_id")
_NAMED = sa.text("""
select gene_id::text from external_genes
where tenant_id = :tenant_id and name_key = :name_key
""")
_ADD = sa.text("""
insert into external_genes (tenant_id, gene_id, name_zh, name_en, name_key, type, unit, origin, version,
    description, validation, owner)
values (:tenant_id, :gene_id, :name_zh, :name_en, :name_key, :type, :unit, :origin, :version,
    :description, cast(:validation as json), :owner)
on conflict (tenant_id, gene_id) do nothing
""")
_SET = sa.text("""
update external_genes set name_zh = :name_zh, name_en = :name_en, name_key = :name_key, unit = :unit,
    version = :version, description = :description, validation = cast(:validation as json)
where tenant_id = :tenant_id and gene_id = :gene_id
""")
_DELETE = sa.text("delete from external_genes where tenant_id = :tenant_id and gene_id = :gene_id")
_USERS = sa.text("""
select name from segments where tenant_id = :tenant_id and :gene_id = any (uses) order by name limit 20
""")
_FORGET = sa.text("delete from external_genes where tenant_id = :tenant_id")
# Deletions wait for changes of segments, which may name genes.
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended('segments ' || :tenant_id, 0))")

# When a gene was made, and its id.
Place = tuple[datetime, str]
NEWEST: Place = (datetime(9999, 1, 1, tzinfo=UTC), str(UUID(int=2**128 - 1)))


@dataclass(frozen=True, slots=True)
class About:
    """What people say of a gene; `validation` are a model's figures by name, as texts."""

    name_zh: str
    name_en: str
    type: ExternalType
    unit: str = ""
    origin: Origin = Origin.UPLOADED
    version: str = ""
    description: str = ""
    validation: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ExternalGene:
    """One gene as stored; `identifiers` may still count people whose erasure is being carried out."""

    gene_id: str
    about: About
    # Of the newest change; 0 before the first.
    number: int
    identifiers: int
    # Rows of the newest change that matched nobody.
    unmatched: int
    created_at: datetime
    changed_at: datetime


class ExternalGenes:
    """A tenant's external genes; every gene_id is a UUID."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, tenant_id: str, gene_id: str) -> ExternalGene:
        """Raises ExternalGeneNotFound."""
        async with open_transaction(self._engine, tenant_id) as connection:
            return await load_gene(connection, tenant_id, gene_id)

    async def every(self, tenant_id: str) -> Sequence[ExternalGene]:
        async with open_transaction(self._engine, tenant_id) as connection:
            return [_gene(row._mapping) for row in await connection.execute(_ALL, {"tenant_id": tenant_id})]

    async def page(self, tenant_id: str, *, before: Place, size: int) -> Sequence[ExternalGene]:
        """Newest first, those behind a place."""
        key = {"tenant_id": tenant_id, "created_at": before[0], "gene_id": before[1], "size": size}
        async with open_transaction(self._engine, tenant_id) as connection:
            return [_gene(row._mapping) for row in await connection.execute(_PAGE, key)]

    async def add(self, tenant_id: str, gene_id: str, about: About) -> ExternalGene:
        """The gene, made now or when this was asked before."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            await _refuse_taken(connection, tenant_id, gene_id, about)
            await connection.execute(_ADD, _row(tenant_id, gene_id, about))
            if (await connection.execute(_COUNT, {"tenant_id": tenant_id})).scalar_one() > MAX_GENES:
                raise TooManyExternalGenes(
                    "There are as many external genes as there may be.", limit=MAX_GENES
                )
            return await load_gene(connection, tenant_id, gene_id)

    async def describe(self, tenant_id: str, gene_id: str, about: About) -> ExternalGene:
        """With other words; its type, origin and owner stay."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await load_gene(connection, tenant_id, gene_id)
            await _refuse_taken(connection, tenant_id, gene_id, about)
            await connection.execute(_SET, _row(tenant_id, gene_id, about))
            return await load_gene(connection, tenant_id, gene_id)

    async def delete(self, tenant_id: str, gene_id: str) -> None:
        """With all its values; raises ExternalGeneInUse while a saved segment names it."""
        key = {"tenant_id": tenant_id, "gene_id": gene_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            await load_gene(connection, tenant_id, gene_id)
            users = (await connection.execute(_USERS, key)).scalars().all()
            if users:
                raise ExternalGeneInUse("Segments use this gene.", used_by=", ".join(users)[:1_000])
            await connection.execute(_DELETE, key)

    async def forget(self, tenant_id: str) -> None:
        """Delete all of a tenant."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_FORGET, {"tenant_id": tenant_id})


def _row(tenant_id: str, gene_id: str, about: About) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "gene_id": gene_id,
        "name_zh": about.name_zh,
        "name_en": about.name_en,
        "name_key": key_of(about.name_zh),
        "type": about.type.value,
        "unit": about.unit,
        "origin": about.origin.value,
        "version": about.version,
        "description": about.description,
        "validation": json.dumps(dict(about.validation), ensure_ascii=False),
        "owner": about.owner,
    }


def _gene(row: RowMapping) -> ExternalGene:
    about = About(
        row["name_zh"],
        row["name_en"],
        ExternalType(row["type"]),
        row["unit"],
        Origin(row["origin"]),
        row["version"],
        row["description"],
        row["validation"],
        row["owner"],
    )
    counted = (row["number"], row["identifiers"], row["unmatched"])
    return ExternalGene(row["gene_id"], about, *counted, row["created_at"], row["changed_at"])


async def load_gene(
    connection: AsyncConnection, tenant_id: str, gene_id: str, *, locked: bool = False
) -> ExternalGene:
    """Raises ExternalGeneNotFound. `locked`: nobody changes its values before the transaction ends."""
    found = await connection.execute(
        _LOCKED if locked else _ONE, {"tenant_id": tenant_id, "gene_id": gene_id}
    )
    row = found.one_or_none()
    if row is None:
        raise ExternalGeneNotFound("There is no such external gene.", gene_id=gene_id)
    return _gene(row._mapping)


async def _refuse_taken(connection: AsyncConnection, tenant_id: str, gene_id: str, about: About) -> None:
    key = {"tenant_id": tenant_id, "name_key": key_of(about.name_zh)}
    taken = await connection.scalar(_NAMED, key)
    if taken not in (None, gene_id):
        raise ExternalGeneNameTaken("Another external gene has this name.", gene_id=taken)
