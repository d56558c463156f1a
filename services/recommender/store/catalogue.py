"""The tenants' products: put many at once, list them by id."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.recommender.domain.products import Product

_TABLE = sa.Table(
    "products",
    sa.MetaData(),
    tenant_column(),
    sa.Column("product_id", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("brand", sa.Text),
    sa.Column("category", ARRAY(sa.Text)),
    sa.Column("price", sa.Numeric),
    sa.Column("currency", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("image_url", sa.Text),
    sa.Column("in_stock", sa.Boolean),
    sa.Column("attributes", JSONB),
    sa.Column("content", sa.LargeBinary),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
)
_FIELDS = tuple(Product.__slots__)
# One statement carries at most 65,535 values.
_ROWS_A_STATEMENT = 2_000


@dataclass(frozen=True, slots=True)
class Put:
    """How many were new, changed, and the same as before."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A product and when it last changed."""

    product: Product
    changed_at: datetime


class Catalogue:
    """Products in PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, tenant_id: str, products: Sequence[Product], *, only_check: bool = False) -> Put:
        """All of it or nothing. Of products with one id the last counts, as if they had come one by one."""
        ids = sorted({product.product_id for product in products})
        async with open_transaction(self._engine, tenant_id) as connection:
            if not only_check:
                # Two calls with the same products take turns; none of them may be there to be locked.
                await connection.execute(
                    sa.text("select pg_advisory_xact_lock(hashtextextended(:tenant_id, 1))"),
                    {"tenant_id": tenant_id},
                )
            known: dict[str, bytes] = {}
            if ids:
                chosen = sa.any_(sa.cast(ids, ARRAY(sa.Text)))
                rows = await connection.execute(
                    sa.select(_TABLE.c.product_id, _TABLE.c.content).where(
                        _TABLE.c.tenant_id == tenant_id,
                        _TABLE.c.product_id == chosen,
                    )
                )
                known = {row.product_id: row.content for row in rows}
            outcome, latest = _compared(known, products)
            if not only_check:
                for first in range(0, len(latest), _ROWS_A_STATEMENT):
                    rows_of = [_row(tenant_id, *one) for one in latest[first : first + _ROWS_A_STATEMENT]]
                    await connection.execute(_upsert(), rows_of)
        return outcome

    async def page(self, tenant_id: str, query: str, *, after: str, size: int) -> list[Listed]:
        """Products by rising id, those behind `after`."""
        chosen = sa.select(_TABLE).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.product_id > after)
        if query:
            chosen = chosen.where(
                sa.or_(
                    _TABLE.c.product_id.startswith(query, autoescape=True),
                    _TABLE.c.name.icontains(query, autoescape=True),
                )
            )
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = await connection.execute(chosen.order_by(_TABLE.c.product_id).limit(size))
            return [_listed(row) for row in rows]

    async def some(self, tenant_id: str, product_ids: Sequence[str]) -> list[Listed]:
        """Those that are there, by rising id."""
        # An id with a zero byte is nobody's, and PostgreSQL takes none.
        ids = [product_id for product_id in product_ids if "\0" not in product_id]
        chosen = sa.any_(sa.cast(ids, ARRAY(sa.Text)))
        wanted = sa.select(_TABLE).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.product_id == chosen)
        async with open_transaction(self._engine, tenant_id) as connection:
            rows = await connection.execute(wanted.order_by(_TABLE.c.product_id))
            return [_listed(row) for row in rows]


def _compared(
    known: dict[str, bytes], products: Sequence[Product]
) -> tuple[Put, list[tuple[Product, bytes]]]:
    """What putting them one by one would do, and what is to be stored in the end."""
    known = dict(known)
    added = changed = 0
    latest: dict[str, tuple[Product, bytes]] = {}
    for product in products:
        content = product.content
        before = known.get(product.product_id)
        if before == content:
            continue
        if before is None:
            added += 1
        else:
            changed += 1
        known[product.product_id] = content
        latest[product.product_id] = (product, content)
    return Put(added, changed, len(products) - added - changed), list(latest.values())


def _upsert() -> sa.Insert:
    statement = insert(_TABLE)
    changed = {name: statement.excluded[name] for name in (*_FIELDS[1:], "content")}
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "product_id"], set_=changed | {"changed_at": sa.func.now()}
    )


def _row(tenant_id: str, product: Product, content: bytes) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        **{name: getattr(product, name) for name in _FIELDS},
        "category": list(product.category),
        "attributes": json.loads(product.attributes),
        "content": content,
    }


def _listed(row: "sa.Row[tuple[object, ...]]") -> Listed:
    facts = {name: row._mapping[name] for name in _FIELDS}
    facts["category"] = tuple(facts["category"])
    facts["attributes"] = json.dumps(facts["attributes"], ensure_ascii=False)
    return Listed(Product(**facts), row._mapping["changed_at"])
