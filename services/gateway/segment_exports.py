"""Writes who is in a segment into one file, page by page, all of one moment."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from contracts.insight.v1 import segments_service_pb2 as pb

from chassis.database import Engine
from chassis.job_process import JobContext
from services.gateway.clients import Clients
from services.gateway.domain.segment_sheets import Value, cell
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.erasures import EXPORTS
from services.gateway.files import Files
from services.gateway.gene_columns import gene_answer, gene_columns
from services.gateway.store import segment_exports
from services.gateway.store.segment_exports import Made

_MAX_BYTES = 16 * 1024**3
_PAGE = 2_000
# Files are written in larger pieces than pages are asked for.
_PAGES_AT_ONCE = 5


class SegmentFile:
    """One segment's export."""

    def __init__(self, context: JobContext, engine: Engine, clients: Clients, files: Files) -> None:
        self._context = context
        self._tenant_id = context.tenant_id
        self._engine = engine
        self._clients = clients
        self._files = files
        self._genes: list[str] = context.arguments["genes"]
        self._version = 0
        self._done = 0

    async def make(self) -> dict[str, Any]:
        """Write the file and note what it holds."""
        export_id = self._context.arguments["export_id"]
        written = self._csv() if self._context.arguments["format"] == "csv" else self._parquet()
        size = await self._files.write(self._tenant_id, EXPORTS, export_id, written, max_bytes=_MAX_BYTES)
        made = Made(self._version, self._done, size)
        if self._context.cancelled or not await segment_exports.save_finished(
            self._engine, self._tenant_id, export_id, made
        ):
            # Not wanted any more: somebody may have been erased while the file was written.
            await self._files.delete(self._tenant_id, EXPORTS, export_id)
            return {}
        return {"export_id": export_id, "size_bytes": size, "profiles": self._done}

    async def _csv(self) -> AsyncIterator[bytes]:
        yield (MARK + csv_line(["profile_id", *self._genes])).encode()
        async for rows in self._rows():
            lines = [csv_line([profile_id, *map(cell, values)]) for profile_id, values in rows]
            yield "".join(lines).encode()

    async def _parquet(self) -> AsyncIterator[bytes]:
        # What writes such files costs a third of a second and 60 MB, which a CSV should not pay.
        from services.gateway.segment_parquet import ParquetSheet

        sheet = ParquetSheet([(gene, await self._type(gene)) for gene in self._genes])
        async for rows in self._rows():
            yield await asyncio.to_thread(sheet.written, rows)
        yield sheet.end()

    async def _type(self, column: str) -> str:
        gene_id, _, said = column.partition(":")
        if gene_id == "external":
            found = await self._clients.external_genes.get(self._tenant_id, said, counted=False)
            return found.gene.draft.type
        catalogue = await self._clients.genes.catalogue(self._tenant_id)
        return next(gene.type for gene in catalogue.genes if gene.id == gene_id)

    async def _rows(self) -> AsyncIterator[list[tuple[int, list[Value]]]]:
        """Some thousand people at a time, by rising profile id."""
        rows: list[tuple[int, list[Value]]] = []
        async for page in self._pages():
            rows += [(one.profile_id, [gene_answer(value) for value in one.values]) for one in page]
            if len(rows) >= _PAGE * _PAGES_AT_ONCE:
                yield rows
                rows = []
        if rows:
            yield rows

    async def _pages(self) -> AsyncIterator[Sequence[pb.SegmentMember]]:
        token = ""
        while True:
            request = pb.ListSegmentMembersRequest(
                segment_id=self._context.arguments["segment_id"],
                page_size=_PAGE,
                page_token=token,
                columns=gene_columns(self._genes),
            )
            page = await self._clients.segments.members(self._tenant_id, request)
            self._version = page.version
            yield page.members
            self._done += len(page.members)
            await self._context.progress(self._done, page.profiles)
            token = page.next_page_token
            if not token or self._context.cancelled:
                return
