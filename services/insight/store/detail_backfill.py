"""Events stored before there were details: read in the order of their table, noted how far that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.clickhouse import ClickHouse
from services.insight.domain.details import DETAILED
from services.insight.store import native
from services.insight.store.rows import DetailRows, Places

_NOBODY = "00000000-0000-0000-0000-000000000000"
_KEY = "nid, occurred_at, position, row"

# What may have details. Values: boundary UInt64.
_NAMES = ", ".join(f"'{name}'" for name in sorted(DETAILED))
_EVENTS = f"""
    position <= {{boundary:UInt64}} and (is_visit or name in ({_NAMES}))
    and (tenant_id, nid) not in (select tenant_id, nid from erased_nids)
"""
_AFTER = f"""
    tenant_id = {{tenant_id:UUID}} and nid >= {{nid:UInt32}} and ({_KEY})
        > ({{nid:UInt32}}, fromUnixTimestamp64Milli({{at:Int64}}, 'UTC'), {{position:UInt64}}, {{row:UInt32}})
"""
_NEXT = f"""
    select nid, toUnixTimestamp64Milli(occurred_at), position, row, name, is_visit, source_kind, message_id,
        toValidUTF8(payload)
    from events where {_AFTER} and {_EVENTS}
    order by tenant_id, {_KEY} limit {{n_events:UInt32}}
    settings max_block_size = 1024, max_threads = 1
"""
_NEXT_TENANT = f"""
    select toString(min(tenant_id)), count() from events
    where tenant_id > {{tenant_id:UUID}} and {_EVENTS}
"""
_LEFT = f"select count() from events where (tenant_id > {{tenant_id:UUID}} or {_AFTER}) and {_EVENTS}"
_THERE = """
    select position, groupUniqArray(row) from event_details
    where tenant_id = {tenant_id:UUID} and nid between {first:UInt32} and {last:UInt32}
        and position <= {boundary:UInt64}
    group by position
"""
_PROGRESS = """
    select step, boundary, toString(tenant_id), nid, toUnixTimestamp64Milli(occurred_at), position, row, done
    from detail_backfills order by step desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """All events up to that one are done, of places up to `boundary`; later places are the writer's."""

    step: int
    boundary: int
    tenant_id: str
    nid: int
    at: int
    position: int
    row: int
    done: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """What details are taken from."""

    nid: int
    at: int
    position: int
    row: int
    name: str
    is_visit: bool
    source_kind: int
    message_id: str
    payload: bytes


class DetailBackfill:
    """The event store as the backfill sees it."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def begin(self, highest: int) -> Progress:
        """How far it is. `highest`: up to where the store is written; it counts at the first start."""
        answer = await self._clickhouse.fetch_unscoped(_PROGRESS)
        if answer.rows:
            step, boundary, tenant_id, nid, at, position, row, done = answer.rows[0]
            return Progress(
                int(step), int(boundary), str(tenant_id), nid, at, int(position), row, done=bool(done)
            )
        first = Progress(0, highest, _NOBODY, 0, 0, 0, 0, done=not highest)
        await self.save(first)
        return first

    async def save(self, progress: Progress) -> None:
        columns = [
            ("step", "UInt64", native.integers([progress.step], "<u8")),
            ("boundary", "UInt64", native.integers([progress.boundary], "<u8")),
            ("tenant_id", "UUID", native.identifiers([progress.tenant_id])),
            ("nid", "UInt32", native.integers([progress.nid], "<u4")),
            ("occurred_at", "DateTime64(3, 'UTC')", native.integers([progress.at], "<i8")),
            ("position", "UInt64", native.integers([progress.position], "<u8")),
            ("row", "UInt32", native.integers([progress.row], "<u4")),
            ("done", "UInt8", bytes([progress.done])),
        ]
        names = [name for name, _, _ in columns]
        await self._clickhouse.insert("detail_backfills", names, native.block(columns, 1), format="Native")

    async def finish(self, progress: Progress) -> Progress:
        """Note the end; where it was on its way is nobody's business any more."""
        over = Progress(progress.step + 1, progress.boundary, _NOBODY, 0, 0, 0, 0, done=True)
        await self.save(over)
        await self._clickhouse.command("alter table detail_backfills delete where not done")
        return over

    async def left(self, progress: Progress) -> int:
        """How many events are still to be looked at."""
        answer = await self._clickhouse.fetch_unscoped(_LEFT, **_values(progress))
        return int(answer.rows[0][0])

    async def next_tenant(self, progress: Progress) -> Progress | None:
        """Before the first event of the next tenant; None when there is none."""
        answer = await self._clickhouse.fetch_unscoped(_NEXT_TENANT, **_values(progress))
        tenant_id, n_events = answer.rows[0]
        if not n_events:
            return None
        return replace(progress, tenant_id=str(tenant_id), nid=0, at=0, position=0, row=0)

    async def events(self, progress: Progress, n_events: int) -> Sequence[Stored]:
        """The next events of the tenant; none at its end."""
        answer = await self._clickhouse.fetch_unscoped(_NEXT, n_events=n_events, **_values(progress))
        return [
            Stored(nid, at, int(position), row, name, bool(visit), kind, message_id, bytes(payload, "utf-8"))
            for nid, at, position, row, name, visit, kind, message_id, payload in answer.rows
        ]

    async def there(self, progress: Progress, first: int, last: int) -> Places:
        """Whose details between two nids are there already."""
        answer = await self._clickhouse.fetch_unscoped(_THERE, first=first, last=last, **_values(progress))
        return {int(position): frozenset(rows) for position, rows in answer.rows}

    async def insert(self, rows: DetailRows, token: str) -> None:
        if not len(rows):
            return
        columns = rows.columns()
        names = [name for name, _, _ in columns]
        block = native.block(columns, len(rows))
        await self._clickhouse.insert("event_details", names, block, format="Native", token=token)


def _values(progress: Progress) -> dict[str, str | int]:
    return {
        "boundary": progress.boundary,
        "tenant_id": progress.tenant_id,
        "nid": progress.nid,
        "at": progress.at,
        "position": progress.position,
        "row": progress.row,
    }
