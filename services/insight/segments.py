"""The steps of saving segments: names, versions, references, starters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.insight.domain.segments.names import LIMITS, TextNotValid, cleaned
from services.insight.domain.segments.references import Change, cycle, depth, difference, uses
from services.insight.domain.segments.starters import STARTERS, Starter
from services.insight.domain.segments.tree import Node
from services.insight.errors import (
    ExternalGeneNotFound,
    GoalNotFound,
    ListNotFound,
    SegmentChanged,
    SegmentCycle,
    SegmentInUse,
    SegmentListNotValid,
    SegmentNameTaken,
    SegmentNotFound,
    SegmentsTooDeep,
    SegmentTextNotValid,
    SegmentVersionNotFound,
    SnapshotNotFound,
    TooManySegments,
)
from services.insight.store.segments import (
    SORTS,
    Choice,
    Draft,
    Saved,
    SegmentStore,
    Shelf,
    User,
    Version,
)
from services.insight.tree_types import TreeTypes
from services.insight.valid_trees import require_valid

_MAX_SEGMENTS = 2_000
# Segments that name one another, one through the next.
_MAX_DEPTH = 10
_MAX_SEARCH = 200
_STARTED_BY = "nexus"


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change of a segment; None stays."""

    name: str | None = None
    folder: str | None = None
    description: str | None = None
    owner: str | None = None
    tree: Node | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A segment with those that name it."""

    saved: Saved
    used_by: Sequence[User]


class Segments:
    """A tenant's saved segments. Trees are checked here, and what they name.

    Without `types`, tests are not held against the types of the tenant's own values.
    """

    def __init__(self, store: SegmentStore, types: TreeTypes | None = None) -> None:
        self._store = store
        self._types = types

    async def create(self, tenant_id: str, draft: Draft, actor: str, note: str = "") -> Saved:
        draft, note = _cleaned(draft), text("note", note)
        await self._require_valid(tenant_id, draft.tree)
        async with self._store.changing(tenant_id) as shelf:
            await _begin(shelf)
            if await shelf.count() >= _MAX_SEGMENTS:
                raise TooManySegments("There are as many segments as there may be.", limit=_MAX_SEGMENTS)
            await _check_name(shelf, draft.name)
            await _check_tree(shelf, "", draft.tree)
            segment_id = await shelf.insert(draft, actor, note)
            return await _found(shelf, segment_id)

    async def get(self, tenant_id: str, segment_id: str) -> Shown:
        async with self._store.reading(tenant_id) as shelf:
            return Shown(await _found(shelf, segment_id), await shelf.used_by(segment_id))

    async def page(self, tenant_id: str, choice: Choice) -> list[Saved]:
        if choice.sort not in SORTS or len(choice.text) > _MAX_SEARCH:
            raise SegmentListNotValid(
                f"Sort by {', '.join(SORTS)}; search for at most {_MAX_SEARCH} letters."
            )
        if choice.folder is not None:
            choice = replace(choice, folder=text("folder", choice.folder))
        async with self._store.reading(tenant_id) as shelf:
            if await shelf.started():
                return await shelf.page(choice)
        async with self._store.changing(tenant_id) as shelf:
            await _begin(shelf)
            return await shelf.page(choice)

    async def folders(self, tenant_id: str) -> dict[str, int]:
        async with self._store.reading(tenant_id) as shelf:
            return await shelf.folders()

    async def update(self, tenant_id: str, segment_id: str, number: int, edit: Edit, actor: str) -> Saved:
        """Of the version `number`; raises SegmentChanged if there is a newer one."""
        if edit.tree is not None:
            await self._require_valid(tenant_id, edit.tree)
        async with self._store.changing(tenant_id) as shelf:
            return await _update(shelf, await _found(shelf, segment_id), number, edit, actor)

    async def archive(self, tenant_id: str, segment_id: str, *, archived: bool) -> Saved:
        """An archived segment is in no list; one that others name stays."""
        async with self._store.changing(tenant_id) as shelf:
            await _found(shelf, segment_id)
            if archived:
                refuse_used([user for user in await shelf.used_by(segment_id) if not user.archived])
            await shelf.archive(segment_id, archived=archived)
            return await _found(shelf, segment_id)

    async def delete(self, tenant_id: str, segment_id: str) -> Saved:
        """What was deleted, with its versions and snapshots."""
        async with self._store.changing(tenant_id) as shelf:
            deleted = await _found(shelf, segment_id)
            refuse_used(await shelf.used_by(segment_id))
            await shelf.delete(segment_id)
            return deleted

    async def versions(self, tenant_id: str, segment_id: str, before: int, n_versions: int) -> list[Version]:
        async with self._store.reading(tenant_id) as shelf:
            await _found(shelf, segment_id)
            return await shelf.versions(segment_id, before, n_versions)

    async def version(self, tenant_id: str, segment_id: str, number: int) -> Version:
        async with self._store.reading(tenant_id) as shelf:
            await _found(shelf, segment_id)
            return await _version(shelf, segment_id, number)

    async def changes(self, tenant_id: str, segment_id: str, first: int, second: int) -> list[Change]:
        """What became of the first version's tree in the second's."""
        async with self._store.reading(tenant_id) as shelf:
            await _found(shelf, segment_id)
            before = await _version(shelf, segment_id, first)
            after = await _version(shelf, segment_id, second)
        return difference(before.tree, after.tree)

    async def restore(self, tenant_id: str, segment_id: str, number: int, wanted: int, actor: str) -> Saved:
        """A new version with the tree of version `wanted`; `number` is the newest that the caller knows."""
        await self._require_valid(tenant_id, (await self.version(tenant_id, segment_id, wanted)).tree)
        async with self._store.changing(tenant_id) as shelf:
            saved = await _found(shelf, segment_id)
            old = await _version(shelf, segment_id, wanted)
            return await _update(shelf, saved, number, Edit(tree=old.tree, note=f"← {wanted}"), actor)

    async def _require_valid(self, tenant_id: str, root: Node) -> None:
        """Before anything is locked: types are read elsewhere."""
        require_valid(root, await self._types.of(tenant_id, root) if self._types else None)


async def _update(shelf: Shelf, saved: Saved, number: int, edit: Edit, actor: str) -> Saved:
    if saved.number != number:
        raise SegmentChanged(
            "Somebody saved a newer version.",
            version=saved.number,
            changed_by=saved.changed_by,
            changed_at=saved.changed_at.isoformat(),
        )
    draft = _cleaned(_edited(saved.draft, edit))
    if draft == saved.draft:
        return saved
    if draft.name != saved.draft.name:
        await _check_name(shelf, draft.name, saved.segment_id)
    if draft.tree != saved.draft.tree:
        await _check_tree(shelf, saved.segment_id, draft.tree)
    await shelf.update(saved.segment_id, draft, actor, text("note", edit.note))
    return await _found(shelf, saved.segment_id)


def _edited(draft: Draft, edit: Edit) -> Draft:
    def either(new: str | None, old: str) -> str:
        return old if new is None else new

    return Draft(
        either(edit.name, draft.name),
        either(edit.folder, draft.folder),
        either(edit.description, draft.description),
        either(edit.owner, draft.owner),
        draft.tree if edit.tree is None else edit.tree,
    )


async def _found(shelf: Shelf, segment_id: str) -> Saved:
    found = await shelf.find(segment_id)
    if found is None:
        raise SegmentNotFound("There is no such segment.", segment_id=segment_id[:64])
    return found


async def _version(shelf: Shelf, segment_id: str, number: int) -> Version:
    found = await shelf.version(segment_id, number)
    if found is None:
        raise SegmentVersionNotFound("The segment has no such version.", version=number)
    return found


async def _check_name(shelf: Shelf, name: str, segment_id: str = "") -> None:
    taken = await shelf.named(name)
    if taken not in (None, segment_id):
        raise SegmentNameTaken("Another segment has this name.", segment_id=taken)


async def _check_tree(shelf: Shelf, segment_id: str, tree: Node) -> None:
    """Whether what the tree names is there, and none of it leads back to the segment; a new one is ""."""
    named, graph = uses(tree), await shelf.graph()
    for missing in sorted(named.segments - graph.keys()):
        raise SegmentNotFound("The tree names a segment that is not there.", segment_id=missing[:64])
    for missing in sorted(named.snapshots - await shelf.snapshots_among(sorted(named.snapshots))):
        raise SnapshotNotFound("The tree names a snapshot that is not there.", snapshot_id=missing[:64])
    for missing in sorted(named.lists - await shelf.lists_among(sorted(named.lists))):
        raise ListNotFound("The tree names a list that is not there.", list_id=missing[:64])
    for missing in sorted(named.goals - await shelf.goals_among(sorted(named.goals))):
        raise GoalNotFound("The tree names a goal that is not there.", goal_id=missing[:64])
    external = await shelf.external_among(sorted(named.external_genes))
    for missing in sorted(named.external_genes - external):
        raise ExternalGeneNotFound("The tree names an external gene that is not there.", gene_id=missing[:64])
    way = cycle(graph, segment_id, named.segments)
    if way is not None:
        raise SegmentCycle("The segment would name itself.", way=" ".join(way))
    graph[segment_id] = named.segments
    if depth(graph, graph.keys()) > _MAX_DEPTH:
        raise SegmentsTooDeep("Too many segments name one another, one through the next.", limit=_MAX_DEPTH)


def refuse_used(users: Sequence[User]) -> None:
    """Raises SegmentInUse."""
    if users:
        raise SegmentInUse(
            "Other segments name this one.",
            used_by=" ".join(user.segment_id for user in users[:20]),
            names=", ".join(user.name for user in users[:5]),
            n_users=len(users),
        )


async def _begin(shelf: Shelf) -> None:
    """Make the starters, once for a tenant."""
    if await shelf.start():
        for starter in STARTERS:
            if await shelf.named(starter.name.zh) is None:
                await shelf.insert(_begun(starter), _STARTED_BY, starter=starter.key)


def _begun(starter: Starter) -> Draft:
    description = f"{starter.description.zh}\n{starter.name.en}: {starter.description.en}"
    return Draft(starter.name.zh, starter.folder.zh, description, "", starter.tree)


def _cleaned(draft: Draft) -> Draft:
    return replace(
        draft,
        name=text("name", draft.name),
        folder=text("folder", draft.folder),
        description=text("description", draft.description),
        owner=text("owner", draft.owner),
    )


def text(field: str, sent: str) -> str:
    """Cleaned; raises SegmentTextNotValid."""
    try:
        return cleaned(field, sent)
    except TextNotValid as error:
        raise SegmentTextNotValid(f"The {field} {error}.", field=field, limit=LIMITS[field]) from error
