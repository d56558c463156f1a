"""What audits of people in memory found, run by run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction

# Runs of a day at the usual interval, and all that found something for some years.
_KEPT_RUNS = 1000

_ADD = sa.text(
    "insert into audits (tenant_id, began_at, seconds, position, people, compared, different, passing, "
    "reloaded, genes) values (:tenant_id, :began_at, :seconds, :position, :people, :compared, :different, "
    ":passing, :reloaded, cast(:genes as json))"
)
_DROP_OLD = sa.text(
    "delete from audits where tenant_id = :tenant_id and different = 0 and audit_id < ("
    "select audit_id from audits where tenant_id = :tenant_id order by audit_id desc "
    "offset :kept limit 1)"
)
_PAGE = sa.text(
    "select audit_id::text, began_at, seconds, position, people, compared, different, passing, reloaded, "
    "genes::text from audits where tenant_id = :tenant_id "
    "and (cast(:before as text) = '' or audit_id < cast(nullif(:before, '') as uuid)) "
    "and (not :drifted or different > 0) order by audit_id desc limit :n_audits"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many people's values were compared, how many differed, and how many did so for a moment only."""

    compared: int
    different: int = 0
    passing: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One tenant's audit; `genes` are by what was compared, and `reloaded` whether memory was read anew."""

    began_at: datetime
    seconds: float
    position: int
    people: int
    genes: Mapping[str, Compared]
    reloaded: bool
    audit_id: str = ""

    @property
    def compared(self) -> int:
        return sum(one.compared for one in self.genes.values())

    @property
    def different(self) -> int:
        return sum(one.different for one in self.genes.values())

    @property
    def passing(self) -> int:
        return sum(one.passing for one in self.genes.values())


class Audits:
    """Runs that found nothing leave after a while."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, tenant_id: str, run: Run) -> None:
        genes = {name: [one.compared, one.different, one.passing] for name, one in run.genes.items()}
        values = {
            "began_at": run.began_at,
            "seconds": run.seconds,
            "position": run.position,
            "people": run.people,
            "compared": run.compared,
            "different": run.different,
            "passing": run.passing,
            "reloaded": run.reloaded,
            "genes": json.dumps(genes),
        }
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_ADD, {"tenant_id": tenant_id, **values})
            await connection.execute(_DROP_OLD, {"tenant_id": tenant_id, "kept": _KEPT_RUNS})

    async def page(self, tenant_id: str, before: str, n_audits: int, *, drifted: bool) -> list[Run]:
        """The newest first, behind the run `before` ("" for the first page); `drifted`: only those that found
        a difference."""
        values = {"before": before, "n_audits": n_audits, "drifted": drifted}
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = (await connection.execute(_PAGE, {"tenant_id": tenant_id, **values})).all()
        return [
            Run(
                row.began_at,
                row.seconds,
                row.position,
                row.people,
                {name: Compared(*one) for name, one in json.loads(row.genes).items()},
                row.reloaded,
                row.audit_id,
            )
            for row in rows
        ]
