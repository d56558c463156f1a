"""Writes everything that is known of one person into one ZIP, as it is read: a long life costs no memory."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.insight.v1 import insight_service_pb2 as insight_pb

from chassis.database import Engine
from chassis.job_process import JobContext
from services.gateway.clients import Clients
from services.gateway.domain.fingerprints import fingerprint
from services.gateway.domain.masking import Sight
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.erasures import EXPORTS
from services.gateway.errors.people import ProfileNotFound
from services.gateway.files import Files
from services.gateway.routes.answers import Event, profile, timeline
from services.gateway.store import bad_rows, exports
from services.gateway.store.bad_rows import BadRow

# They asked for all that is known of them.
_EVERYTHING = Sight(everything=True)
# Larger than the longest life of a shop's customer by far.
_MAX_BYTES = 4 * 1024**3
_PAGE = 200
_WRITE_AT_ONCE = 256 * 1024
_ORDER_NAMES = frozenset({"order_completed", "order_updated", "order_refunded", "order_cancelled"})

Writing = AsyncIterator[bytes]


class PersonExport:
    """One person's export."""

    def __init__(self, context: JobContext, engine: Engine, clients: Clients, files: Files) -> None:
        self._context = context
        self._tenant_id = context.tenant_id
        self._engine = engine
        self._clients = clients
        self._files = files
        self._done = 0

    async def make(self) -> dict[str, Any]:
        """Write the file and note its size; raises ProfileNotFound when they were erased meanwhile."""
        export_id, profile_id = self._context.arguments["export_id"], self._context.arguments["profile_id"]
        known = await self._clients.identity.get_profile(self._tenant_id, profile_id)
        if known is None:
            raise ProfileNotFound("There is no such profile any more.")
        size = await self._files.write(
            self._tenant_id, EXPORTS, export_id, self._zip(known), max_bytes=_MAX_BYTES
        )
        if self._context.cancelled or not await exports.save_finished(
            self._engine, self._tenant_id, export_id, size
        ):
            # Not wanted any more: the person may have been erased while the file was written.
            await self._files.delete(self._tenant_id, EXPORTS, export_id)
            return {}
        return {"export_id": export_id, "size_bytes": size}

    async def _zip(self, known: identity_pb.GetProfileResponse) -> Writing:
        sink = _Sink()
        parts: Sequence[tuple[str, Callable[[identity_pb.GetProfileResponse], AsyncIterator[str]]]] = [
            ("person.json", self._person),
            ("identifiers.csv", self._identifiers),
            ("consents.csv", self._consents),
            ("events.csv", self._events),
            ("orders.csv", self._orders),
        ]
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text_of in parts:
                with archive.open(name, "w", force_zip64=True) as entry:
                    async for text in text_of(known):
                        entry.write(text.encode())
                        if sink.size >= _WRITE_AT_ONCE:
                            yield sink.take()
                        if self._context.cancelled:
                            return
        yield sink.take()

    async def _person(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[str]:
        """One JSON object, member by member."""
        survivor = known.profile.profile_id
        summaries = await self._clients.insight.get_summaries(self._tenant_id, [survivor])
        shown = profile(known.profile, summaries.profiles[0], _EVERYTHING).model_dump(mode="json")
        consents = await self._clients.identity.get_consents(self._tenant_id, survivor)
        head: dict[str, Any] = {
            "profile": shown,
            "joined_by": [_link(link) for link in known.links],
            "consents": [_consent(each) for each in consents.consents],
            "suppressed": consents.suppressed,
            "channels": [
                {"channel": each.channel, "reachable": each.reachable, "reason": each.reason}
                for each in consents.channels
            ],
        }
        yield json.dumps(head, ensure_ascii=False)[:-1]
        lists: Sequence[tuple[str, AsyncIterator[dict[str, Any]]]] = [
            ("consent_statements", self._statements(survivor)),
            ("history", self._ledger(survivor)),
            ("set_aside_events", self._bad_rows(known)),
            ("events", self._event_facts(survivor)),
        ]
        for name, entries in lists:
            yield f', "{name}": ['
            first = True
            async for entry in entries:
                yield ("" if first else ",\n") + json.dumps(entry, ensure_ascii=False)
                first = False
            yield "]"
        yield "}\n"

    async def _event_facts(self, profile_id: int) -> AsyncIterator[dict[str, Any]]:
        async for event in self._each_event(profile_id):
            yield event.model_dump(mode="json")

    async def _each_event(self, profile_id: int) -> AsyncIterator[Event]:
        token = ""
        while True:
            request = insight_pb.ListProfileEventsRequest(
                profile_id=profile_id, page_size=_PAGE, page_token=token
            )
            page = await self._clients.insight.list_events(self._tenant_id, request)
            for event in timeline(page.events, shown=True):
                yield event
            self._done += len(page.events)
            await self._context.progress(self._done)
            token = page.next_page_token
            if not token or self._context.cancelled:
                return

    async def _statements(self, profile_id: int) -> AsyncIterator[dict[str, Any]]:
        async def page(token: str) -> tuple[list[dict[str, Any]], str]:
            request = identity_pb.ListConsentStatementsRequest(
                profile_id=profile_id, page_size=_PAGE, page_token=token
            )
            found = await self._clients.identity.list_consent_statements(self._tenant_id, request)
            return [_statement(each) for each in found.statements], found.next_page_token

        async for entry in _pages(page):
            yield entry

    async def _ledger(self, profile_id: int) -> AsyncIterator[dict[str, Any]]:
        async def page(token: str) -> tuple[list[dict[str, Any]], str]:
            request = identity_pb.ListLedgerRequest(profile_id=profile_id, page_size=_PAGE, page_token=token)
            found = await self._clients.identity.list_ledger(self._tenant_id, request)
            return [_entry(each) for each in found.entries], found.next_page_token

        async for entry in _pages(page):
            yield entry

    async def _bad_rows(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[dict[str, Any]]:
        """Events that could not be understood, and name one of their identifiers."""
        prints = [
            fingerprint(self._tenant_id, int(each.kind), each.value) for each in known.profile.identifiers
        ]
        for row in await bad_rows.load_about(self._engine, self._tenant_id, prints):
            yield _bad_row(row)

    async def _identifiers(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[str]:
        yield MARK + csv_line(["kind", "value", "first_seen_at"])
        shown = profile(known.profile, insight_pb.ProfileSummary(), _EVERYTHING)
        for each in shown.identifiers:
            yield csv_line([each.kind, each.value, each.first_seen_at])

    async def _consents(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[str]:
        columns = [
            "purpose",
            "state",
            "stated_at",
            "source",
            "message_id",
            "evidence",
            "actor",
            "recorded_at",
        ]
        yield MARK + csv_line(columns)
        async for each in self._statements(known.profile.profile_id):
            evidence = json.dumps(each["evidence"], ensure_ascii=False)
            yield csv_line([evidence if name == "evidence" else each[name] for name in columns])

    async def _events(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[str]:
        yield MARK + csv_line(
            ["occurred_at", "received_at", "kind", "name", "channel", "message_id", "event"]
        )
        async for each in self._each_event(known.profile.profile_id):
            payload = json.dumps(each.payload, ensure_ascii=False)
            when = (each.occurred_at, each.received_at)
            yield csv_line([*when, each.kind, each.name, each.channel, each.message_id, payload])

    async def _orders(self, known: identity_pb.GetProfileResponse) -> AsyncIterator[str]:
        """What was reported of their orders, one line a report."""
        yield MARK + csv_line(["occurred_at", "report", "order_id", "total", "revenue", "currency", "status"])
        async for each in self._each_event(known.profile.profile_id):
            if each.name not in _ORDER_NAMES or not isinstance(each.payload, dict):
                continue
            said = each.payload.get("properties")
            said = said if isinstance(said, dict) else {}
            names = ("order_id", "total", "revenue", "currency", "status")
            yield csv_line([each.occurred_at, each.name, *(said.get(name) for name in names)])


class _Sink(io.RawIOBase):
    """What a ZIP is written to: bytes to be sent on, never looked at again."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        self._chunks.append(chunk)
        self.size += len(chunk)
        return len(chunk)

    def take(self) -> bytes:
        """What was written since."""
        chunk = b"".join(self._chunks)
        self._chunks, self.size = [], 0
        return chunk


async def _pages(
    page: Callable[[str], Awaitable[tuple[list[dict[str, Any]], str]]],
) -> AsyncIterator[dict[str, Any]]:
    token = ""
    while True:
        entries, token = await page(token)
        for entry in entries:
            yield entry
        if not token:
            return


def _link(link: identity_pb.Link) -> dict[str, Any]:
    return {
        "a": link.a_nid,
        "b": link.b_nid,
        "occurred_at": link.occurred_at.ToJsonString(),
        "message_id": link.message_id,
        "refused": link.refused,
        "refused_reason": link.refused_reason,
        "verified": link.verified,
    }


def _consent(consent: identity_pb.Consent) -> dict[str, Any]:
    state = identity_pb.ConsentState.Name(consent.state).removeprefix("CONSENT_STATE_").lower()
    return {"purpose": consent.purpose, "state": state, "stated_at": consent.stated_at.ToJsonString()}


def _statement(said: identity_pb.StatedConsent) -> dict[str, Any]:
    return {
        **_consent(said.consent),
        "nid": said.nid,
        "source": said.source,
        "message_id": said.message_id,
        "evidence": json.loads(said.evidence_json) if said.evidence_json else {},
        "actor": said.actor,
        "recorded_at": said.recorded_at.ToJsonString(),
    }


def _entry(entry: identity_pb.LedgerEntry) -> dict[str, Any]:
    return {
        "recorded_at": entry.recorded_at.ToJsonString(),
        "cause": entry.cause,
        "actor": entry.actor,
        "links": [{"a": each.a_nid, "b": each.b_nid, "message_id": each.message_id} for each in entry.links],
        "moves": [
            {"nid": each.nid, "from": each.from_profile_id, "to": each.to_profile_id} for each in entry.moves
        ],
    }


def _bad_row(row: BadRow) -> dict[str, Any]:
    return {
        "received_at": row.received_at.isoformat(),
        "reason": row.reason,
        "detail": row.detail,
        "status": row.status,
        "event": row.payload.decode("utf-8", "replace"),
    }
