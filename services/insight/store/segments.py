"""Saved segments and their versions."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.segments.documents import text_of, tree_from
from services.insight.domain.segments.names import key_of
from services.insight.domain.segments.references import uses
from services.insight.domain.segments.tree import Node

_COLUMNS = (
    "segment_id::text, name, folder, description, owner, starter, tree::text, number, created_at, "
    "changed_at, changed_by, archived_at"
)
_FIND = sa.text(
    f"select {_COLUMNS} from segments where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_NAMED = sa.text(
    "select segment_id::text from segments where tenant_id = :tenant_id and name_key = :name_key"
)
_COUNT = sa.text("select count(*) from segments where tenant_id = :tenant_id")
_GRAPH = sa.text("select segment_id::text, uses from segments where tenant_id = :tenant_id")
_INSERT = sa.text(
    "insert into segments (tenant_id, name, name_key, folder, description, owner, starter, tree, uses, "
    "number, changed_by) values (:tenant_id, :name, :name_key, :folder, :description, :owner, :starter, "
    "cast(:tree as json), :uses, 1, :actor) returning segment_id::text"
)
_UPDATE = sa.text(
    "update segments set name = :name, name_key = :name_key, folder = :folder, description = :description, "
    "owner = :owner, tree = cast(:tree as json), uses = :uses, number = number + 1, changed_at = now(), "
    "changed_by = :actor where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_ADD_VERSION = sa.text(
    "insert into segment_versions (tenant_id, segment_id, number, name, tree, changed_by, note) "
    "select tenant_id, segment_id, number, name, tree, changed_by, :note from segments "
    "where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_ARCHIVE = sa.text(
    "update segments set archived_at = case when :archived then coalesce(archived_at, now()) end "
    "where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_DELETE = sa.text("delete from segments where tenant_id = :tenant_id and segment_id::text = :segment_id")
_USED_BY = sa.text(
    "select segment_id::text, name, archived_at is not null from segments "
    "where tenant_id = :tenant_id and uses && cast(:ids as text[]) and segment_id::text <> :segment_id "
    "order by name_key"
)
_SNAPSHOTS_OF = sa.text(
    "select snapshot_id::text from snapshots where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_SNAPSHOTS_AMONG = sa.text(
    "select snapshot_id::text from snapshots where tenant_id = :tenant_id "
    "and snapshot_id::text = any(cast(:ids as text[]))"
)
_LISTS_AMONG = sa.text(
    "select list_id::text from lists where tenant_id = :tenant_id "
    "and list_id::text = any(cast(:ids as text[])) for share"
)
_GOALS_AMONG = sa.text(
    "select goal_id::text from goals where tenant_id = :tenant_id "
    "and goal_id::text = any(cast(:ids as text[]))"
)
_EXTERNAL_AMONG = sa.text(
    "select gene_id::text from external_genes where tenant_id = :tenant_id "
    "and gene_id::text = any(cast(:ids as text[]))"
)
_DELETE_SNAPSHOT = sa.text(
    "delete from snapshots where tenant_id = :tenant_id and snapshot_id::text = :snapshot_id"
)
_FOLDERS = sa.text(
    "select folder, count(*) from segments where tenant_id = :tenant_id and archived_at is null "
    "group by folder order by folder"
)
_VERSIONS = sa.text(
    "select number, name, tree::text, changed_at, changed_by, note from segment_versions "
    "where tenant_id = :tenant_id and segment_id::text = :segment_id and number < :before "
    "order by number desc limit :n_versions"
)
_START = sa.text(
    "insert into segments_started (tenant_id) values (:tenant_id) on conflict do nothing returning true"
)
_STARTED = sa.text("select true from segments_started where tenant_id = :tenant_id")
# Changes of one tenant's segments wait for one another: each sees what the others made of the circle.
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended('segments ' || :tenant_id, 0))")

# By each order: its columns, and which way.
_ORDERS: Mapping[str, tuple[str, str]] = {
    "name": ("name_key, segment_id", ">"),
    "changed": ("changed_at, segment_id", "<"),
    "created": ("created_at, segment_id", "<"),
}
SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Draft:
    """What people say of a segment."""

    name: str
    folder: str
    description: str
    owner: str
    tree: Node


@dataclass(frozen=True, slots=True)
class Saved:
    """A segment; `number` is its newest version's, `starter` the key of the starter it began as, or ""."""

    segment_id: str
    draft: Draft
    starter: str
    number: int
    created_at: datetime
    changed_at: datetime
    changed_by: str
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """A segment as somebody saved it."""

    number: int
    name: str
    tree: Node
    changed_at: datetime
    changed_by: str
    note: str


@dataclass(frozen=True, slots=True)
class User:
    """A segment that names another thing."""

    segment_id: str
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Which segments to list; `folder` None is every folder, `after` the last one listed."""

    sort: str = "name"
    folder: str | None = None
    text: str = ""
    archived: bool = False
    after: tuple[str, str] | None = None
    n_segments: int = 50


class Shelf:
    """One tenant's segments in one transaction."""

    def __init__(self, connection: AsyncConnection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def find(self, segment_id: str) -> Saved | None:
        rows = await self._rows(_FIND, segment_id=segment_id)
        return _saved(rows[0]) if rows else None

    async def named(self, name: str) -> str | None:
        """The id of the segment that has this name."""
        rows = await self._rows(_NAMED, name_key=key_of(name))
        return str(rows[0][0]) if rows else None

    async def count(self) -> int:
        return int((await self._rows(_COUNT))[0][0])

    async def graph(self) -> dict[str, frozenset[str]]:
        """Which ids each segment names; those of snapshots and lists are nobody's here."""
        rows = await self._rows(_GRAPH)
        segments = {segment_id for segment_id, _ in rows}
        return {segment_id: frozenset(segments.intersection(named)) for segment_id, named in rows}

    async def insert(self, draft: Draft, actor: str, note: str = "", starter: str = "") -> str:
        """The new segment's id; its first version is kept."""
        values = {**_values(draft), "actor": actor, "starter": starter}
        segment_id = str((await self._rows(_INSERT, **values))[0][0])
        await self._run(_ADD_VERSION, segment_id=segment_id, note=note)
        return segment_id

    async def update(self, segment_id: str, draft: Draft, actor: str, note: str) -> None:
        """A new version."""
        await self._run(_UPDATE, **_values(draft), segment_id=segment_id, actor=actor)
        await self._run(_ADD_VERSION, segment_id=segment_id, note=note)

    async def archive(self, segment_id: str, *, archived: bool) -> None:
        await self._run(_ARCHIVE, segment_id=segment_id, archived=archived)

    async def delete(self, segment_id: str) -> None:
        """With its versions and snapshots."""
        await self._run(_DELETE, segment_id=segment_id)

    async def used_by(self, segment_id: str) -> list[User]:
        """Segments that name it or one of its snapshots."""
        taken = await self._rows(_SNAPSHOTS_OF, segment_id=segment_id)
        ids = [segment_id, *(snapshot_id for (snapshot_id,) in taken)]
        rows = await self._rows(_USED_BY, segment_id=segment_id, ids=ids)
        return [User(*row) for row in rows]

    async def snapshots_among(self, snapshot_ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that are snapshots."""
        rows = await self._rows(_SNAPSHOTS_AMONG, ids=list(snapshot_ids))
        return frozenset(snapshot_id for (snapshot_id,) in rows)

    async def lists_among(self, list_ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that are uploaded lists; none of them goes before the transaction ends."""
        rows = await self._rows(_LISTS_AMONG, ids=list(list_ids))
        return frozenset(list_id for (list_id,) in rows)

    async def goals_among(self, goal_ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that are goals; whoever deletes one waits for this change."""
        rows = await self._rows(_GOALS_AMONG, ids=list(goal_ids))
        return frozenset(goal_id for (goal_id,) in rows)

    async def external_among(self, gene_ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that are external genes; whoever deletes one waits for this change."""
        rows = await self._rows(_EXTERNAL_AMONG, ids=list(gene_ids))
        return frozenset(gene_id for (gene_id,) in rows)

    async def users_of_snapshot(self, snapshot_id: str) -> list[User]:
        """Segments that name it."""
        return [User(*row) for row in await self._rows(_USED_BY, segment_id="", ids=[snapshot_id])]

    async def delete_snapshot(self, snapshot_id: str) -> None:
        await self._run(_DELETE_SNAPSHOT, snapshot_id=snapshot_id)

    async def folders(self) -> dict[str, int]:
        """How many segments each folder has; "" is outside of all folders."""
        return {folder: int(count) for folder, count in await self._rows(_FOLDERS)}

    async def page(self, choice: Choice) -> list[Saved]:
        columns, way = _ORDERS[choice.sort]
        direction = "" if way == ">" else " desc"
        order = ", ".join(f"{column}{direction}" for column in columns.split(", "))
        conditions = ["(archived_at is not null) = :archived"]
        values: dict[str, Any] = {"archived": choice.archived, "n_segments": choice.n_segments}
        if choice.folder is not None:
            conditions.append("folder = :folder")
            values["folder"] = choice.folder
        if choice.text:
            conditions.append("position(:text in name_key) > 0")
            values["text"] = key_of(choice.text)
        if choice.after is not None:
            kind = "text" if choice.sort == "name" else "timestamptz"
            conditions.append(f"({columns}) {way} (cast(cast(:key as text) as {kind}), cast(:id as uuid))")
            values["key"], values["id"] = choice.after
        where = " and ".join(conditions)
        asked = sa.text(
            f"select {_COLUMNS} from segments where tenant_id = :tenant_id and {where} "
            f"order by {order} limit :n_segments"
        )
        return [_saved(row) for row in await self._rows(asked, **values)]

    async def versions(self, segment_id: str, before: int, n_versions: int) -> list[Version]:
        """The newest first, below a number."""
        rows = await self._rows(_VERSIONS, segment_id=segment_id, before=before, n_versions=n_versions)
        return [
            Version(number, name, tree_from(tree), changed_at, changed_by, note)
            for number, name, tree, changed_at, changed_by, note in rows
        ]

    async def version(self, segment_id: str, number: int) -> Version | None:
        found = await self.versions(segment_id, number + 1, 1)
        return found[0] if found and found[0].number == number else None

    async def started(self) -> bool:
        return bool(await self._rows(_STARTED))

    async def start(self) -> bool:
        """Whether this is the first time."""
        return bool(await self._rows(_START))

    async def _run(self, statement: sa.TextClause, **values: Any) -> None:
        await self._connection.execute(statement, {"tenant_id": self._tenant_id, **values})

    async def _rows(self, statement: sa.TextClause, **values: Any) -> Sequence[Any]:
        answer = await self._connection.execute(statement, {"tenant_id": self._tenant_id, **values})
        return answer.all()


class SegmentStore:
    """All tenants' segments, one tenant at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def reading(self, tenant_id: str) -> AsyncIterator[Shelf]:
        async with open_transaction(self._engine, tenant_id) as connection:
            yield Shelf(connection, tenant_id)

    @asynccontextmanager
    async def changing(self, tenant_id: str) -> AsyncIterator[Shelf]:
        """Alone: whoever else would change this tenant's segments waits."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            yield Shelf(connection, tenant_id)


def sorted_by(saved: Saved, sort: str) -> tuple[str, str]:
    """`Choice.after` of the page that follows this segment."""
    keys: Mapping[str, str] = {
        "name": key_of(saved.draft.name),
        "changed": saved.changed_at.isoformat(),
        "created": saved.created_at.isoformat(),
    }
    return keys[sort], saved.segment_id


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "name_key": key_of(draft.name),
        "folder": draft.folder,
        "description": draft.description,
        "owner": draft.owner,
        "tree": text_of(draft.tree),
        "uses": uses(draft.tree).ids,
    }


def _saved(row: Sequence[Any]) -> Saved:
    segment_id, name, folder, description, owner, starter, tree, number, *rest = row
    draft = Draft(name, folder, description, owner, tree_from(tree))
    created_at, changed_at, changed_by, archived_at = rest
    return Saved(segment_id, draft, starter, number, created_at, changed_at, changed_by, archived_at)
