"""The nids of everybody who was erased, for what is kept outside the event store."""

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

_ERASED = question("select distinct nid from {{erased_nids}} where nid > 0")


async def load_erased(clickhouse: ClickHouse, tenant_id: str) -> BitMap:
    """Known to be erased now, whatever position an answer is of."""
    answer = await clickhouse.fetch(_ERASED, tenant_id)
    return BitMap([int(row[0]) for row in answer.rows])
