"""The jobs of an import: a first look, a dry run, and the import itself."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.insight.v1 import external_genes_service_pb2 as genes_pb
from contracts.insight.v1 import lists_service_pb2 as lists_pb
from contracts.recommender.v1 import recommender_service_pb2 as pb

from chassis.bus import Bus, BusUnavailable
from chassis.database import Engine, open_transaction
from chassis.job_process import JobContext
from services.gateway.clients import Identity, Recommender
from services.gateway.domain.importing.ad_costs import CostSheet
from services.gateway.domain.importing.forms import Form
from services.gateway.domain.importing.headers import suggested
from services.gateway.domain.importing.mapping import Mapping as ColumnMapping
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.errors.files import ImportNotReady
from services.gateway.errors.requests import ServiceAway
from services.gateway.external_clients import BroughtGenes
from services.gateway.files import Files
from services.gateway.imports import rejected as rejected_rows
from services.gateway.imports import values
from services.gateway.imports.ad_costs import replacing
from services.gateway.imports.counts import Counts, Sample
from services.gateway.imports.people import PART_NIDS, looked_up
from services.gateway.imports.products import portions
from services.gateway.imports.reading import OpenFile, look, open_batches
from services.gateway.imports.room import Room
from services.gateway.imports.steps import EventSteps, Step
from services.gateway.list_clients import PeopleLists
from services.gateway.people_report_clients import PeopleReports
from services.gateway.store import imports
from services.gateway.store.imports import Import
from services.gateway.subscriptions import IMPORTED_TOPIC

_PUBLISHED_AT_ONCE = 4
_PAUSE_SECONDS = 1.0
_ROOM_SECONDS = 0.25
_LIST_MODES = {
    "append": lists_pb.LIST_MODE_APPEND,
    "replace": lists_pb.LIST_MODE_REPLACE,
    "remove": lists_pb.LIST_MODE_REMOVE,
}


@dataclass(frozen=True, slots=True)
class ImportJobs:
    """What these jobs need."""

    engine: Engine
    bus: Bus
    files: Files
    recommender: Recommender
    identity: Identity
    lists: PeopleLists
    genes: BroughtGenes
    reports: PeopleReports

    async def look(self, context: JobContext) -> dict[str, Any]:
        """Read the beginning, and keep what was found with a mapping to begin with."""
        found = await self._load(context)
        zone = str(context.arguments["time_zone"])
        size = found.size_bytes or 0
        file = self.files.open(found.tenant_id, rejected_rows.KIND, rejected_rows.file_name(found.import_id))
        seen = await asyncio.to_thread(look, file, size, found.asked)
        mapping = ColumnMapping(whole_events=True) if seen.whole_events and found.kind == "events" else None
        if mapping is None:
            mapping = suggested(found.kind, seen.form.columns, seen.samples, zone)  # type: ignore[arg-type]
        kept = {
            "form": seen.form.as_facts(),
            "columns": seen.shown(),
            "suggested": mapping.as_facts(),
            "job": context.job.id,
        }
        async with open_transaction(self.engine, found.tenant_id) as connection:
            now = await imports.load(connection, found.tenant_id, found.import_id, lock=True)
            # Another file, or another way of reading it, may have been sent meanwhile.
            if now is not None and now.look_job == context.job.id:
                await imports.change(connection, now, look=kept)
        return {"columns": len(seen.form.columns)}

    async def check(self, context: JobContext) -> dict[str, Any]:
        """The dry run: the same steps, nothing stored."""
        sample = Sample()
        if context.checkpoint is None:
            await rejected_rows.delete_tried(
                self.files, context.tenant_id, str(context.arguments["import_id"])
            )
        counts = await self._work(context, sample)
        return counts.facts() | sample.facts()

    async def run(self, context: JobContext) -> dict[str, Any]:
        """Publish what is accepted, keep what is not; goes on where an earlier attempt was."""
        return (await self._work(context, None)).facts()

    async def _load(self, context: JobContext) -> Import:
        import_id = str(context.arguments["import_id"])
        async with open_transaction(self.engine, context.tenant_id) as connection:
            found = await imports.load(connection, context.tenant_id, import_id)
        if found is None or found.size_bytes is None or found.deleted_at is not None:
            raise ImportNotReady("The import's file is not there any more.")
        return found

    async def _work(self, context: JobContext, sample: "Sample | None") -> Counts:
        found = await self._load(context)
        assert found.look is not None
        form = Form.of_facts(found.look["form"])
        mapping = ColumnMapping.of_facts(context.arguments["mapping"])
        file = self.files.open(found.tenant_id, rejected_rows.KIND, rejected_rows.file_name(found.import_id))
        opened = await asyncio.to_thread(
            open_batches, file, found.size_bytes or 0, form, whole=mapping.whole_events
        )
        work = _Work(self, context, found, mapping, opened, sample)
        match found.kind:
            case "products":
                return await work.products()
            case "list":
                return await work.people()
            case "gene":
                return await work.values()
            case "ad_costs":
                return await work.ad_costs()
        return await work.events()


@dataclass(slots=True)
class _Work:
    """One attempt at one file; `sample` is None for what is more than a dry run."""

    jobs: ImportJobs
    context: JobContext
    found: Import
    mapping: ColumnMapping
    opened: OpenFile
    sample: "Sample | None"
    counts: Counts = field(default_factory=Counts)
    # Where the attempt before was last known to be.
    earlier: Counts = field(default_factory=Counts)
    began: float = field(default_factory=time.monotonic)
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        self.room = Room(self.jobs.bus)
        if self.context.checkpoint:
            facts = self.context.checkpoint
            self.earlier = Counts(**facts | {"by_reason": Counter(facts["by_reason"])})

    async def events(self) -> Counts:
        """While the messages of one step are on their way, the next is made."""
        steps = EventSteps(
            self.found.kind,  # type: ignore[arg-type]
            self.mapping,
            import_id=self.found.import_id,
            received_at_ms=int(self.context.job.created_at.timestamp() * 1000),
            publish=self.sample is None,
        ).steps(self.opened)
        storing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        storing.set_result(None)
        try:
            while (step := await asyncio.to_thread(next, steps, None)) is not None:
                await storing
                if self.context.cancelled:
                    break
                storing = asyncio.ensure_future(self._store(step))
        finally:
            # Also when the file turns out to be broken behind it: what is stored is told.
            await storing
            await self.context.store()
        return self.counts

    async def products(self) -> Counts:
        batches: Iterator[Any] = self.opened.batches
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            step = Step(0, 0, list(batch.rejected))
            for portion in portions(batch, self.mapping):
                request = pb.PutProductsRequest(products=portion.products, only_check=self.sample is not None)
                put = await self._until_there(
                    lambda request=request: self.jobs.recommender.put_products(  # type: ignore[misc]
                        self.found.tenant_id, request
                    )
                )
                if put is None:
                    return self.counts
                self.counts.added += put.added
                self.counts.changed += put.changed
                self.counts.unchanged += put.unchanged
                step.accepted += len(portion.products) - len(put.refused)
                step.rejected += portion.rejected
                for fault in put.refused:
                    row = portion.rows[fault.row]
                    line = int(batch.lines[row])
                    step.rejected.append(Rejected(line, fault.reason, fault.detail, batch.row(row)))
            step.rows = step.accepted + len(step.rejected)
            step.rejected.sort(key=lambda row: row.line)
            await self._store(step)
            if self.context.cancelled:
                break
        await self.context.store()
        return self.counts

    async def people(self) -> Counts:
        """An attempt reads the file from its start again: a part that comes twice is one part."""
        tenant_id, parts = self.found.tenant_id, 0
        batches: Iterator[Any] = self.opened.batches
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            found = await looked_up(
                batch,
                self.mapping,
                lambda request: self._until_there(
                    lambda: self.jobs.identity.look_up_identifiers(tenant_id, request)
                ),
            )
            if found is None:
                return self.counts
            if self.sample is None:
                for first in range(0, len(found.nids), PART_NIDS):
                    part = self._change(part=parts, nids=found.nids[first : first + PART_NIDS])
                    if await self._change_list(part) is None:
                        return self.counts
                    parts += 1
            else:
                self.sample.add_people(found)
            accepted = len(found.nids) + len(found.unmatched_lines)
            self.counts.matched += len(found.nids)
            self.counts.unmatched += len(found.unmatched_lines)
            await self._store(Step(accepted + len(found.rejected), accepted, found.rejected))
            if self.context.cancelled:
                break
        await self.context.store()
        if self.sample is None and not self.context.cancelled:
            await self._change_list(self._change(commit=True, unmatched=self.counts.unmatched))
        return self.counts

    async def values(self) -> Counts:
        """Of an external gene. Read from the start again like a list: a part that comes twice is one part."""
        tenant_id, seen, parts = self.found.tenant_id, set[int](), 0
        gene_id = self.mapping.constants["gene"]
        mode = values.MODES[str(self.context.arguments.get("mode", "merge"))]
        said: dict[str, Any] = {"gene_id": gene_id, "change_id": self.context.job.id, "mode": mode}
        said |= {"actor": self.context.job.created_by, "only_check": self.sample is not None}
        batches: Iterator[Any] = self.opened.batches
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            told, rejected = values.told_by(batch, self.mapping)
            found = await values.taken(
                told,
                lambda request: self._until_there(
                    lambda: self.jobs.identity.look_up_identifiers(tenant_id, request)
                ),
                seen,
            )
            if found is None:
                return self.counts
            for first in range(0, len(found.matched), PART_NIDS):
                rows = found.matched[first : first + PART_NIDS]
                put = await self._put_values(values.part_of(rows, **said, part=parts))
                if put is None:
                    return self.counts
                found.refused += values.not_valid(rows, put)
                parts += 1
            rejected += [
                Rejected(int(batch.lines[one.place]), one.reason, one.detail, batch.row(one.place))
                for one in found.refused
            ]
            rejected.sort(key=lambda row: row.line)
            accepted = len(told) - len(found.refused)
            self.counts.matched += len(found.matched)
            self.counts.unmatched += found.unmatched
            await self._store(Step(accepted + len(rejected), accepted, rejected))
            if self.context.cancelled:
                break
        await self.context.store()
        if self.sample is None and not self.context.cancelled:
            unmatched = self.counts.unmatched
            await self._put_values(values.part_of([], **said, commit=True, unmatched=unmatched))
        return self.counts

    async def ad_costs(self) -> Counts:
        """Read whole, then put in: what a source cost on the days that the file names, and on no others."""
        sheet = CostSheet(self.mapping)
        batches: Iterator[Any] = self.opened.batches
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            rejected = await asyncio.to_thread(sheet.add, batch)
            accepted = len(batch.lines) - len(rejected) + len(batch.rejected)
            await self._store(Step(accepted + len(rejected), accepted, rejected))
            if self.context.cancelled:
                break
        await self.context.store()
        for run in sheet.runs() if self.sample is None and not self.context.cancelled else ():
            # Put in twice by two attempts, they are there once.
            request = replacing(run, self.context.job.created_by)
            put = await self._until_there(
                lambda request=request: self.jobs.reports.replace_costs(  # type: ignore[misc]
                    self.found.tenant_id, request
                )
            )
            if put is None:
                break
        return self.counts

    async def _put_values(self, request: genes_pb.PutExternalValuesRequest) -> Any:
        """None when the job is cancelled first."""
        return await self._until_there(lambda: self.jobs.genes.put_values(self.found.tenant_id, request))

    def _change(self, **more: Any) -> lists_pb.ChangeListMembersRequest:
        told = self.context.arguments
        return lists_pb.ChangeListMembersRequest(
            list_id=str(told["list_id"]),
            change_id=self.context.job.id,
            mode=_LIST_MODES[str(told["mode"])],
            actor=self.context.job.created_by,
            **more,
        )

    async def _change_list(self, request: lists_pb.ChangeListMembersRequest) -> Any:
        """None when the job is cancelled first."""
        return await self._until_there(
            lambda: self.jobs.lists.change_list_members(self.found.tenant_id, request)
        )

    async def _store(self, step: Step) -> None:
        """Make a step durable, then say that it is."""
        if self.sample is not None:
            self.sample.add(step)
        elif not await self._publish(step.messages):
            return
        if step.rejected and self.counts.parts >= self.earlier.parts:
            where = (self.jobs.files, self.found.tenant_id, self.found.import_id, self.counts.parts)
            tried_by = "" if self.sample is None else self.context.job.id
            await rejected_rows.write_part(*where, step.rejected, tried_by=tried_by)
        self.counts.add(step)
        self.counts.bytes_read = self.opened.bytes_read
        self.counts.seconds = self.earlier.seconds + time.monotonic() - self.began
        await self._tell()

    async def _tell(self) -> None:
        counts = self.counts
        # Reading again what an earlier attempt had stored is no progress, and nothing to fall back to.
        caught_up = counts.messages >= self.earlier.messages and counts.rows >= self.earlier.rows
        rows = max(counts.rows, self.earlier.rows)
        total = None
        if counts.bytes_read and self.found.size_bytes:
            total = max(rows, round(counts.rows * self.found.size_bytes / counts.bytes_read))
        if caught_up:
            await self.context.progress(rows, total, checkpoint=counts.facts())
        else:
            await self.context.progress(rows, total, message="Going on where it was.")

    async def _publish(self, messages: list[bytes]) -> bool:
        """False when the job was cancelled before all were stored."""
        first = self.counts.messages
        due = [
            (number, data)
            for number, data in enumerate(messages, start=first)
            if number >= self.earlier.messages
        ]
        for start in range(0, len(due), _PUBLISHED_AT_ONCE):
            part = due[start : start + _PUBLISHED_AT_ONCE]
            if not await self._make_room(len(part)):
                return False
            stored = await asyncio.gather(*(self._publish_one(number, data) for number, data in part))
            if not all(stored):
                return False
        return True

    async def _publish_one(self, number: int, data: bytes) -> bool:
        seq = await self._until_there(
            lambda: self.jobs.bus.publish(
                f"{IMPORTED_TOPIC}.{self.found.tenant_id}",
                data,
                # The same in every attempt: within the stream's window it is stored once.
                message_id=f"import-{self.found.import_id}-{self.context.job.id}-{number}",
            )
        )
        return seq is not None

    async def _make_room(self, messages: int) -> bool:
        """Wait until so many more may be stored; False when cancelled meanwhile."""
        while not self.context.cancelled:
            if await self._until_there(lambda: self.room.take(messages)):
                return True
            await asyncio.sleep(_ROOM_SECONDS)
        return False

    async def _until_there(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, however long what we ask is away or full; None when the job is cancelled first."""
        while not self.context.cancelled:
            try:
                return await ask()
            except (BusUnavailable, ServiceAway):
                await asyncio.sleep(_PAUSE_SECONDS)
        return None
