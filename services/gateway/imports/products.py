"""Rows of a list of products as the recommender takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from contracts.recommender.v1 import recommender_service_pb2 as pb

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.cells import cleaned, literals
from services.gateway.domain.importing.events import UNREADABLE, WANTED, broken_rows
from services.gateway.domain.importing.mapping import Mapping, cell_type
from services.gateway.domain.importing.rejections import Rejected

_PUT_AT_ONCE = 2_000
_utc = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Portion:
    """As many products as are put at once, the rows they stand in, and rows that cannot be read."""

    products: list[pb.Product]
    rows: list[int]
    rejected: list[Rejected]


def portions(batch: Batch, mapping: Mapping) -> Iterator[Portion]:
    """All rows of a batch, in the order of the file."""
    cells: dict[str, list[str | None]] = {}
    faults = {row: UNREADABLE for row in broken_rows(batch)}
    for column in mapping.columns:
        kind = cell_type(column.to, column.type)
        values = cleaned(batch.columns[column.column])
        read = literals(values, kind, _utc)
        # Attributes become JSON; of all else the text itself is wanted, and a price as it was understood.
        literally = column.to.startswith("attributes.") or kind in ("number", "boolean")
        cells[column.to] = (read.values if literally else values).to_pylist()
        if read.bad is not None:
            reason, wanted = WANTED[kind]
            for row in np.flatnonzero(read.bad.to_numpy(zero_copy_only=False)).tolist():
                shown = (values[row].as_py() or "")[:60]
                faults.setdefault(row, (reason, f'{column.column[:80]}: "{shown}" is not {wanted}.'))
    for target, text in mapping.constants.items():
        literal = msgspec.json.encode(text).decode() if target.startswith("attributes.") else text
        cells[target] = [literal] * len(batch.lines)
    rejected = [Rejected(int(batch.lines[row]), *faults[row], batch.row(row)) for row in sorted(faults)]
    rows = [row for row in range(len(batch.lines)) if row not in faults]
    for first in range(0, max(1, len(rows)), _PUT_AT_ONCE):
        part = rows[first : first + _PUT_AT_ONCE]
        yield Portion([_product(cells, row) for row in part], part, rejected if first == 0 else [])


def _product(cells: dict[str, list[str | None]], row: int) -> pb.Product:
    told = {target: text for target, values in cells.items() if (text := values[row]) is not None}
    attributes = ",".join(
        f"{msgspec.json.encode(target.removeprefix('attributes.')).decode()}:{value}"
        for target, value in sorted(told.items())
        if target.startswith("attributes.")
    )
    product = pb.Product(
        product_id=told.get("product_id", ""),
        name=told.get("name", ""),
        brand=told.get("brand", ""),
        currency=told.get("currency", ""),
        url=told.get("url", ""),
        image_url=told.get("image_url", ""),
        price=told.get("price", ""),
        category=[level.strip() for level in (told.get("category", "")).split(">") if level.strip()],
        attributes_json=f"{{{attributes}}}",
    )
    if "in_stock" in told:
        product.in_stock = told["in_stock"] == "true"
    return product
