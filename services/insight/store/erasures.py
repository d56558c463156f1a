"""What must leave the table files: erased people, forgotten tenants, events past their retention."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.clickhouse import ClickHouse
from services.insight.store.question import OF_PEOPLE, Question, of_the_erased, person_column, question

# Besides those of people; `first_seen` has no position.
_OF_TENANTS = (*OF_PEOPLE, "erased_nids", "shortened")
_WITHOUT_POSITION = frozenset({"first_seen"})
_POLL_SECONDS = 0.2

_ERASURE = question(
    """
    select min(hidden_at), max(position), count() from {{erased_nids}}
    where erasure_id = {erasure_id:UUID}
    """
)


def _old(rows: str) -> Question:
    # Whoever was erased counts, too: their rows are still there.
    return of_the_erased(
        f"select 1 from {rows} and position <= {{to:UInt64}} "
        "and occurred_at < fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC') limit 1"
    )


# What grows old; the last two stay where a tenant keeps its orders.
_OLD = [
    _old("{{events}} where 1"),
    _old("{{traits}} where 1"),
    _old("{{event_details}} where order_id = ''"),
    _old("{{order_facts}} where 1"),
    _old("{{event_details}} where order_id != ''"),
]
_OLD_BESIDE_ORDERS = _OLD[:3]
_DELETION = question("select max(position) from {{forgotten_tenants}}")


class CleaningFailed(Exception):
    """ClickHouse could not rewrite a table; it goes on trying, and so do we."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a tenant keeps: events from `since` on, and of older ones their orders or their first moment."""

    tenant_id: str
    since: datetime
    orders: bool
    first_seen: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be deleted: announcements behind `after` up to `to`, and what retention no longer keeps."""

    after: int
    to: int
    erasures: int
    forgotten: Sequence[str]
    kept: Sequence[Kept]

    def __bool__(self) -> bool:
        return bool(self.erasures or self.forgotten or self.kept)


class Erasures:
    """The announcements in the event store, and the deletion of rows."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def erasure(self, tenant_id: str, erasure_id: str) -> tuple[datetime, datetime | None] | None:
        """(hidden since, files clean since); None before the announcement has arrived."""
        answer = await self._clickhouse.fetch(_ERASURE, tenant_id, erasure_id=erasure_id)
        hidden_at, position, n_rows = answer.rows[0]
        if not n_rows:
            return None
        return hidden_at.replace(tzinfo=UTC), await self._clean_since(int(position))

    async def forgotten(self, tenant_id: str) -> bool:
        """Whether the tenant's deletion has arrived and nothing of it is left."""
        answer = await self._clickhouse.fetch(_DELETION, tenant_id)
        position = int(answer.rows[0][0])
        return bool(position) and await self._clean_since(position) is not None

    async def _clean_since(self, position: int) -> datetime | None:
        answer = await self._clickhouse.fetch_unscoped(
            "select min(at), count() from cleanings where finished = 1 and position >= {position:UInt64}",
            position=position,
        )
        at, n_rows = answer.rows[0]
        return at.replace(tzinfo=UTC) if n_rows else None

    async def last_begun_at(self) -> datetime | None:
        answer = await self._clickhouse.fetch_unscoped("select max(at), count() from cleanings")
        at, n_rows = answer.rows[0]
        return at.replace(tzinfo=UTC) if n_rows else None

    async def announced(self, to: int) -> Work:
        """What was announced up to a place and is not clean yet."""
        last = await self._clickhouse.fetch_unscoped("select max(position) from cleanings where finished = 1")
        after = int(last.rows[0][0])
        erased = await self._clickhouse.fetch_unscoped(
            "select uniqExact(erasure_id) from erased_nids "
            "where position > {after:UInt64} and position <= {to:UInt64}",
            after=after,
            to=to,
        )
        gone = await self._clickhouse.fetch_unscoped(
            "select distinct toString(tenant_id) from forgotten_tenants "
            "where position > {after:UInt64} and position <= {to:UInt64}",
            after=after,
            to=to,
        )
        return Work(after, to, int(erased.rows[0][0]), [str(row[0]) for row in gone.rows], [])

    async def announced_nids(self, work: Work) -> Sequence[tuple[str, Sequence[int]]]:
        """(tenant, nids) of the erasures in the work."""
        answer = await self._clickhouse.fetch_unscoped(
            "select toString(tenant_id), groupUniqArray(nid) from erased_nids "
            "where position > {after:UInt64} and position <= {to:UInt64} and nid > 0 group by tenant_id",
            after=work.after,
            to=work.to,
        )
        return [(str(tenant_id), [int(nid) for nid in nids]) for tenant_id, nids in answer.rows]

    async def tenants(self) -> Sequence[str]:
        """Those of whom there is any event."""
        answer = await self._clickhouse.fetch_unscoped("select distinct toString(tenant_id) from events")
        return [str(tenant_id) for (tenant_id,) in answer.rows]

    async def grown_old(self, kept: Kept, to: int) -> bool:
        """Whether anything is there that is not kept."""
        since_ms = round(kept.since.timestamp() * 1000)
        for asked in _OLD_BESIDE_ORDERS if kept.orders else _OLD:
            answer = await self._clickhouse.fetch(asked, kept.tenant_id, to=to, since_ms=since_ms)
            if answer.rows:
                return True
        return False

    async def begin(self, work: Work) -> None:
        """Say that rows up to here may be missing from now on."""
        await self._record(work.to, finished=0)

    async def finish(self, work: Work) -> None:
        """Say that no file holds them any more."""
        await self._record(work.to, finished=1)

    async def _record(self, position: int, *, finished: int) -> None:
        await self._clickhouse.insert_columns(
            "cleanings", ["position", "finished"], ["UInt64", "UInt8"], [[position], [finished]]
        )

    async def keep_first_seen(self, kept: Kept, to: int) -> None:
        """Remember when people were first seen whose first events are about to go."""
        await self._clickhouse.command(
            f"""
            insert into first_seen (tenant_id, nid, first_at)
            select tenant_id, nid, min(occurred_at) as earliest
            from events
            where tenant_id = '{kept.tenant_id}' and occurred_at < {_moment(kept.since)} and position <= {to}
            group by tenant_id, nid
            having (nid, earliest) not in (
                select nid, min(first_at) from first_seen where tenant_id = '{kept.tenant_id}' group by nid
            )
            """
        )

    async def delete(self, work: Work) -> None:
        """Have every table rewritten without the rows; returns once the new files are in force."""
        for table in _OF_TENANTS:
            if wanted := _conditions(table, work):
                bound = "" if table in _WITHOUT_POSITION else f" and position <= {work.to}"
                await self._clickhouse.command(
                    f"alter table {table} delete where ({' or '.join(wanted)}){bound} "
                    # Tenants and nids come from a table; on replicas that must be said to be meant.
                    "settings mutations_sync = 0, allow_nondeterministic_mutations = 1"
                )
        while True:
            answer = await self._clickhouse.fetch_unscoped(
                "select count(), max(latest_fail_reason) from system.mutations "
                "where database = currentDatabase() and not is_done"
            )
            left, reason = answer.rows[0]
            if not left:
                return
            if reason:
                raise CleaningFailed(str(reason)[:300])
            await asyncio.sleep(_POLL_SECONDS)

    async def record_shortened(self, work: Work) -> None:
        """Say whose rows retention has deleted, for whoever has read them before."""
        if work.kept:
            columns = list(zip(*((kept.tenant_id, work.to) for kept in work.kept), strict=True))
            await self._clickhouse.insert_columns(
                "shortened", ["tenant_id", "position"], ["UUID", "UInt64"], columns
            )

    async def files_gone(self) -> None:
        """Wait until the files that were in force before are removed: `old_parts_lifetime` of the engine."""
        now = (await self._clickhouse.fetch_unscoped("select toUnixTimestamp(now())")).rows[0][0]
        while True:
            answer = await self._clickhouse.fetch_unscoped(
                "select count() from system.parts where database = currentDatabase() and not active "
                "and remove_time <= toDateTime({now:UInt32})",
                now=int(now),
            )
            if not answer.rows[0][0]:
                return
            await asyncio.sleep(_POLL_SECONDS)


def _conditions(table: str, work: Work) -> list[str]:
    """Which rows of a table are to go."""
    wanted = []
    announced = f"position > {work.after} and position <= {work.to}"
    if work.erasures and table in OF_PEOPLE:
        person = f"(tenant_id, {person_column(table)})"
        wanted.append(f"{person} in (select tenant_id, nid from erased_nids where {announced})")
    if work.forgotten:
        wanted.append(f"tenant_id in (select tenant_id from forgotten_tenants where {announced})")
    wanted += [condition for kept in work.kept if (condition := _outdated(table, kept))]
    return wanted


def _outdated(table: str, kept: Kept) -> str:
    tenant, before = f"tenant_id = '{kept.tenant_id}'", _moment(kept.since)
    if table in ("events", "traits"):
        return f"({tenant} and occurred_at < {before})"
    if table == "order_facts" and not kept.orders:
        # An order goes with its newest fact: without its report a refund would be money lost.
        over = f"select order_id from order_facts where {tenant} group by order_id"
        return f"({tenant} and order_id in ({over} having max(occurred_at) < {before}))"
    if table == "event_details":
        gone = f"order_id = '' and occurred_at < {before}"
        if not kept.orders:
            # Said by those that stay: the facts of the others may be deleted already.
            stays = f"select order_id from order_facts where {tenant} group by order_id"
            gone = (
                f"{gone} or order_id != '' and order_id not in ({stays} having max(occurred_at) >= {before})"
            )
        return f"({tenant} and ({gone}))"
    if table == "first_seen" and not kept.first_seen:
        return f"({tenant})"
    return ""


def _moment(at: datetime) -> str:
    return f"fromUnixTimestamp64Milli({int(at.timestamp() * 1000)})"
