"""The nids of everybody who was erased, for what is kept outside the event store."""

from collections import OrderedDict
from collections.abc import Callable

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.store.question import question

_MOST_KNOWN = 1000
_ERASED = question("select distinct nid from {{erased_nids}} where nid > 0")


async def load_erased(clickhouse: ClickHouse, tenant_id: str) -> BitMap:
    """Known to be erased now, whatever position an answer is of."""
    answer = await clickhouse.fetch(_ERASED, tenant_id)
    return BitMap([int(row[0]) for row in answer.rows])


class Erased:
    """The same for callers who ask again and again.

    `announced` is the place of a tenant's last announcement of an erasure, or of one behind which there is
    none; `written` that up to which all is in the store.
    """

    def __init__(
        self, clickhouse: ClickHouse, announced: Callable[[str], int], written: Callable[[], int]
    ) -> None:
        self._clickhouse = clickhouse
        self._announced = announced
        self._written = written
        self._known: OrderedDict[str, tuple[int, BitMap]] = OrderedDict()

    async def load(self, tenant_id: str) -> BitMap:
        """Not to be changed."""
        place = self._announced(tenant_id)
        at, known = self._known.get(tenant_id, (-1, None))
        if known is not None and at == place:
            return known
        there = place <= self._written()
        erased = await load_erased(self._clickhouse, tenant_id)
        if there:
            self._known[tenant_id] = place, erased
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return erased
