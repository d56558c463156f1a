"""Uploaded lists of people: roaring bitmaps of nids, in versions.

Whoever was erased is on no list any more from the moment the erasure is known; `forget_people` then takes
them out of the stored bitmaps too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clickhouse import ClickHouse
from chassis.database import open_transaction
from services.insight.domain.lists import ListMode, changed, name_key
from services.insight.errors import ListInUse, ListNameTaken, ListNotFound, NothingToRestore
from services.insight.store.queries.erased import load_erased

_COLUMNS = """
l.list_id::text, l.name, l.description, l.owner, l.version, l.identifiers, l.unmatched, l.created_at,
l.changed_at, exists (
    select from list_versions v where v.tenant_id = l.tenant_id and v.list_id = l.list_id
        and v.version = l.version - 1 and v.nids is not null
) as restorable
"""
_ONE = sa.text(f"select {_COLUMNS} from lists l where l.tenant_id = :tenant_id and l.list_id = :list_id")
_LOCKED = sa.text("select version from lists where tenant_id = :tenant_id and list_id = :list_id for update")
_PAGE = sa.text(
    f"select {_COLUMNS} from lists l where l.tenant_id = :tenant_id "
    "and (l.created_at, l.list_id) < (:created_at, :list_id) "
    "order by l.created_at desc, l.list_id desc limit :size"
)
_ADD = sa.text("""
insert into lists (tenant_id, list_id, name, name_key, description, owner)
values (:tenant_id, :list_id, :name, :name_key, :description, :owner)
on conflict do nothing
""")
_DELETE = sa.text("delete from lists where tenant_id = :tenant_id and list_id = :list_id")
_USERS = sa.text("""
select name from segments where tenant_id = :tenant_id and archived_at is null and :list_id = any (uses)
order by name limit 20
""")
_NIDS = sa.text("""
select nids from list_versions
where tenant_id = :tenant_id and list_id = :list_id and version = :version and nids is not null
""")
_MADE = sa.text("""
select 1 from list_versions
where tenant_id = :tenant_id and list_id = :list_id and change_id = :change_id
""")
_STAGE = sa.text("""
insert into list_parts (tenant_id, list_id, change_id, part, nids)
values (:tenant_id, :list_id, :change_id, :part, :nids)
on conflict (tenant_id, list_id, change_id, part) do update set nids = excluded.nids, staged_at = now()
""")
_STAGED = sa.text("""
select nids from list_parts
where tenant_id = :tenant_id and list_id = :list_id and change_id = :change_id
""")
# Those of this change, and of changes that were cancelled long ago.
_UNSTAGE = sa.text("""
delete from list_parts where tenant_id = :tenant_id and list_id = :list_id
    and (change_id = :change_id or staged_at < now() - interval '7 days')
""")
_ADD_VERSION = sa.text("""
insert into list_versions (tenant_id, list_id, version, change_id, mode, nids, unmatched, changed_by)
values (:tenant_id, :list_id, :version, :change_id, :mode, :nids, :unmatched, :changed_by)
""")
_FORGET_OLD = sa.text("""
update list_versions set nids = null
where tenant_id = :tenant_id and list_id = :list_id and version < :version - 1 and nids is not null
""")
_SET = sa.text("""
update lists set version = :version, identifiers = :identifiers, unmatched = :unmatched, changed_at = now()
where tenant_id = :tenant_id and list_id = :list_id
""")
_IDS = sa.text("select list_id::text from lists where tenant_id = :tenant_id")
_ALL_VERSIONS = sa.text("""
select version, nids from list_versions
where tenant_id = :tenant_id and list_id = :list_id and nids is not null
""")
_ALL_PARTS = sa.text("""
select change_id::text, part, nids from list_parts where tenant_id = :tenant_id and list_id = :list_id
""")
_SET_VERSION = sa.text("""
update list_versions set nids = :nids
where tenant_id = :tenant_id and list_id = :list_id and version = :version
""")
_SET_IDENTIFIERS = sa.text("""
update lists set identifiers = :identifiers where tenant_id = :tenant_id and list_id = :list_id
""")
_FORGET = sa.text("delete from lists where tenant_id = :tenant_id")


# When a list was made, and its id.
Place = tuple[datetime, str]
NEWEST: Place = (datetime(9999, 1, 1, tzinfo=UTC), str(UUID(int=2**128 - 1)))


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One list as stored; `identifiers` may still count people whose erasure is being carried out."""

    list_id: str
    name: str
    description: str
    owner: str
    version: int
    identifiers: int
    # Rows of the newest change that matched nobody.
    unmatched: int
    created_at: datetime
    changed_at: datetime
    # Whether the version before is there to go back to.
    restorable: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one list; `change_id` is the same however often it is asked for."""

    list_id: str
    change_id: str
    mode: ListMode
    actor: str


class Lists:
    """A tenant's lists; every list_id is a UUID."""

    def __init__(self, engine: AsyncEngine, clickhouse: ClickHouse) -> None:
        self._engine = engine
        self._clickhouse = clickhouse

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        """nids of the list as it is now; raises ListNotFound."""
        async with open_transaction(self._engine, tenant_id) as connection:
            found = await _load(connection, tenant_id, list_id)
            nids = await _nids(connection, tenant_id, list_id, found.version)
        return nids - await load_erased(self._clickhouse, tenant_id)

    async def load(self, tenant_id: str, list_id: str) -> PeopleList:
        """Raises ListNotFound."""
        async with open_transaction(self._engine, tenant_id) as connection:
            return await _load(connection, tenant_id, list_id)

    async def page(self, tenant_id: str, *, before: Place, size: int) -> Sequence[PeopleList]:
        """Newest first, those behind a place."""
        created_at, list_id = before
        key = {"tenant_id": tenant_id, "created_at": created_at, "list_id": list_id, "size": size}
        async with open_transaction(self._engine, tenant_id) as connection:
            return [PeopleList(**row._mapping) for row in await connection.execute(_PAGE, key)]

    async def add(self, tenant_id: str, list_id: str, name: str, description: str, owner: str) -> PeopleList:
        """The list, made now or when this was asked before; raises ListNameTaken."""
        values = {"name": name.strip(), "description": description, "owner": owner}
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(
                _ADD, {"tenant_id": tenant_id, "list_id": list_id, "name_key": name_key(name), **values}
            )
            try:
                found = await _load(connection, tenant_id, list_id)
            except ListNotFound:
                raise ListNameTaken("Another list has this name.", name=name[:200]) from None
        return found

    async def delete(self, tenant_id: str, list_id: str) -> None:
        """Raises ListNotFound, or ListInUse while a saved segment names it."""
        key = {"tenant_id": tenant_id, "list_id": list_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            await _lock(connection, tenant_id, list_id)
            users = (await connection.execute(_USERS, key)).scalars().all()
            if users:
                raise ListInUse("Segments use this list.", used_by=", ".join(users)[:1_000])
            await connection.execute(_DELETE, key)

    async def stage(self, tenant_id: str, change: Change, part: int, nids: BitMap) -> PeopleList:
        """Keep one part of a change that is not made yet; one that is made stays as it is."""
        key = {"tenant_id": tenant_id, "list_id": change.list_id, "change_id": change.change_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            found = await _load(connection, tenant_id, change.list_id)
            if (await connection.execute(_MADE, key)).first() is None:
                await connection.execute(_STAGE, {**key, "part": part, "nids": nids.serialize()})
        return found

    async def commit(self, tenant_id: str, change: Change, unmatched: int) -> PeopleList:
        """Make all that was staged of a change the next version, once."""
        erased = await load_erased(self._clickhouse, tenant_id)
        key = {"tenant_id": tenant_id, "list_id": change.list_id, "change_id": change.change_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            version = await _lock(connection, tenant_id, change.list_id)
            if (await connection.execute(_MADE, key)).first() is None:
                staged = (await connection.execute(_STAGED, key)).scalars()
                uploaded = BitMap.union(BitMap(), *map(BitMap.deserialize, staged))
                present = await _nids(connection, tenant_id, change.list_id, version)
                nids = changed(present, uploaded, change.mode) - erased
                await _save(connection, {**key, "version": version + 1}, change, nids, unmatched)
            await connection.execute(_UNSTAGE, key)
            return await _load(connection, tenant_id, change.list_id)

    async def restore(self, tenant_id: str, list_id: str, change_id: str, actor: str) -> PeopleList:
        """Make the version before the present one the next; raises NothingToRestore."""
        erased = await load_erased(self._clickhouse, tenant_id)
        change = Change(list_id, change_id, ListMode.REPLACE, actor)
        key = {"tenant_id": tenant_id, "list_id": list_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            version = await _lock(connection, tenant_id, list_id)
            if (await connection.execute(_MADE, {**key, "change_id": change_id})).first() is None:
                before = (await connection.execute(_NIDS, {**key, "version": version - 1})).scalar()
                if before is None:
                    raise NothingToRestore("There is no version before this one.")
                nids = BitMap.deserialize(before) - erased
                await _save(connection, {**key, "version": version + 1}, change, nids, 0)
            return await _load(connection, tenant_id, list_id)

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Take these nids out of everything stored, list by list."""
        gone = BitMap(nids)
        async with open_transaction(self._engine, tenant_id) as connection:
            list_ids = (await connection.execute(_IDS, {"tenant_id": tenant_id})).scalars().all()
        for list_id in list_ids:
            async with open_transaction(self._engine, tenant_id) as connection:
                await _forget_people(connection, tenant_id, list_id, gone)

    async def forget(self, tenant_id: str) -> None:
        """Delete all of a tenant."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_FORGET, {"tenant_id": tenant_id})


async def _load(connection: AsyncConnection, tenant_id: str, list_id: str) -> PeopleList:
    row = (await connection.execute(_ONE, {"tenant_id": tenant_id, "list_id": list_id})).one_or_none()
    if row is None:
        raise ListNotFound("There is no such list.")
    return PeopleList(**row._mapping)


async def _lock(connection: AsyncConnection, tenant_id: str, list_id: str) -> int:
    """Its version, which nobody changes before the transaction ends; raises ListNotFound."""
    version = await connection.scalar(_LOCKED, {"tenant_id": tenant_id, "list_id": list_id})
    if version is None:
        raise ListNotFound("There is no such list.")
    return int(version)


async def _nids(connection: AsyncConnection, tenant_id: str, list_id: str, version: int) -> BitMap:
    key = {"tenant_id": tenant_id, "list_id": list_id, "version": version}
    stored = await connection.scalar(_NIDS, key)
    return BitMap() if stored is None else BitMap.deserialize(stored)


async def _save(
    connection: AsyncConnection, key: Mapping[str, Any], change: Change, nids: BitMap, unmatched: int
) -> None:
    """`key`: tenant_id, list_id and the new version."""
    values = {"change_id": change.change_id, "mode": change.mode.value, "changed_by": change.actor}
    await connection.execute(
        _ADD_VERSION, {**key, **values, "nids": nids.serialize(), "unmatched": unmatched}
    )
    await connection.execute(_FORGET_OLD, key)
    await connection.execute(_SET, {**key, "identifiers": len(nids), "unmatched": unmatched})


async def _forget_people(connection: AsyncConnection, tenant_id: str, list_id: str, gone: BitMap) -> None:
    key = {"tenant_id": tenant_id, "list_id": list_id}
    present = await connection.scalar(_LOCKED, key)
    for version, stored in (await connection.execute(_ALL_VERSIONS, key)).all():
        nids = BitMap.deserialize(stored)
        if nids.intersect(gone):
            left = nids - gone
            await connection.execute(_SET_VERSION, {**key, "version": version, "nids": left.serialize()})
            if version == present:
                await connection.execute(_SET_IDENTIFIERS, {**key, "identifiers": len(left)})
    for change_id, part, stored in (await connection.execute(_ALL_PARTS, key)).all():
        nids = BitMap.deserialize(stored)
        if nids.intersect(gone):
            left = nids - gone
            values = {"change_id": change_id, "part": part, "nids": left.serialize()}
            await connection.execute(_STAGE, {**key, **values})
