"""Calls about how people were joined: links, joining and parting by a teammate's word, the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.rpc import tenant
from services.identity.api.people import identifier_message, link_message, profile_message, timestamp
from services.identity.api.requests import command_uuid, require_actor
from services.identity.commands import Command, CommandQueue
from services.identity.domain.partition import Pair, pair_of
from services.identity.domain.people import LinkState, Profile, RecordedEntry
from services.identity.errors import (
    InvalidLink,
    InvalidQuery,
    LinkNotFound,
    ProfileNotFound,
)
from services.identity.links import LINK, RESTORE_LINKS, UNLINK
from services.identity.paging import page_size, place_of, token_of
from services.identity.store import Database
from services.identity.store.queries.ledger import load_ledger, load_shown
from services.identity.store.queries.profiles import load_profiles_of
from services.identity.store.queries.shown_links import MAX_PLACE, load_named_links, load_shown_links
from services.identity.store.reading import open_reading

_MAX_NID = 2**31 - 1
# Links that one call withdraws or restores.
_MAX_LINKS = 1_000
_REMAINING_SHOWN = 200
_STATES = {
    messages.LINK_STATE_UNSPECIFIED: None,
    messages.LINK_STATE_JOINING: LinkState.JOINING,
    messages.LINK_STATE_REFUSED: LinkState.REFUSED,
    messages.LINK_STATE_WITHDRAWN: LinkState.WITHDRAWN,
}

Context = grpc.aio.ServicerContext[Any, Any]


class LinksApi:
    """ListLinks, ListLedger, Link, Unlink, RestoreLinks."""

    _database: Database
    _commands: CommandQueue

    async def ListLinks(
        self, request: messages.ListLinksRequest, context: Context
    ) -> messages.ListLinksResponse:
        size = page_size(request.page_size)
        if request.state not in _STATES:
            raise InvalidQuery("There is no such state of a link.", state=request.state)
        person = await self._person(request.profile_id)
        name = f"links {person.profile_id} {request.state}"
        before = place_of(name, request.page_token)
        async with open_reading(self._database, tenant()) as connection:
            found = await load_shown_links(
                connection, tenant(), person.nids, _STATES[request.state], before=before, size=size + 1
            )
        page = found[:size]
        token = token_of(name, page[-1].place) if len(found) > size else ""
        return messages.ListLinksResponse(links=map(link_message, page), next_page_token=token)

    async def ListLedger(
        self, request: messages.ListLedgerRequest, context: Context
    ) -> messages.ListLedgerResponse:
        size = page_size(request.page_size)
        person = await self._person(request.profile_id) if request.profile_id else None
        name = f"ledger {person.profile_id if person else 0}"
        before = place_of(name, request.page_token)
        async with open_reading(self._database, tenant()) as connection:
            nids = person.nids if person else None
            found = await load_ledger(connection, tenant(), nids, before=before, size=size + 1)
            page = found[:size]
            named = {nid for entry in page for nid in entry.nids}
            identifiers = await load_shown(connection, tenant(), sorted(named))
        token = token_of(name, page[-1].entry) if len(found) > size else ""
        return messages.ListLedgerResponse(
            entries=map(_entry, page),
            next_page_token=token,
            identifiers=map(identifier_message, identifiers),
        )

    async def Link(self, request: messages.LinkRequest, context: Context) -> messages.LinkResponse:
        if request.a_nid == request.b_nid:
            raise InvalidLink("An identifier is not linked with itself.", nid=request.a_nid)
        [pair] = _pairs([request])
        body = {"a": pair[0], "b": pair[1]}
        await self._commands.run(_command(LINK, request.command_id, body, request.actor))
        async with open_reading(self._database, tenant()) as connection:
            found = await load_named_links(connection, tenant(), [pair])
        if not found:
            # Erased since.
            raise LinkNotFound("These two identifiers are no longer linked.", a=pair[0], b=pair[1])
        people = await load_profiles_of(self._database, tenant(), [request.a_nid])
        return messages.LinkResponse(link=link_message(found[0]), profile=profile_message(people[0]))

    async def Unlink(self, request: messages.UnlinkRequest, context: Context) -> messages.UnlinkResponse:
        if not request.links and not request.ledger_entry:
            raise InvalidLink("Name the links to withdraw, or an entry of the ledger.")
        body = {"pairs": _pairs(request.links), "ledger_entry": request.ledger_entry}
        result = await self._commands.run(_command(UNLINK, request.command_id, body, request.actor))
        pairs = [pair_of(first, second) for first, second in result["pairs"]]
        people = await load_profiles_of(self._database, tenant(), _ends(pairs))
        together = [person for person in people if any(set(pair) <= set(person.nids) for pair in pairs)]
        async with open_reading(self._database, tenant()) as connection:
            remaining = await load_shown_links(
                connection,
                tenant(),
                [nid for person in together for nid in person.nids],
                LinkState.JOINING,
                before=MAX_PLACE,
                size=_REMAINING_SHOWN,
            )
        return messages.UnlinkResponse(
            profiles=map(profile_message, people), remaining=map(link_message, remaining)
        )

    async def RestoreLinks(
        self, request: messages.RestoreLinksRequest, context: Context
    ) -> messages.RestoreLinksResponse:
        if not request.links:
            raise InvalidLink("Name the links to restore.")
        body = {"pairs": _pairs(request.links)}
        result = await self._commands.run(_command(RESTORE_LINKS, request.command_id, body, request.actor))
        ends = _ends(result["pairs"])
        people = await load_profiles_of(self._database, tenant(), ends)
        return messages.RestoreLinksResponse(profiles=map(profile_message, people))

    async def _person(self, nid: int) -> Profile:
        people = []
        if 0 < nid <= _MAX_NID:
            people = await load_profiles_of(self._database, tenant(), [nid])
        if not people:
            raise ProfileNotFound("There is no profile with this id.", profile_id=nid)
        return people[0]


def _pairs(links: Iterable[messages.LinkName | messages.LinkRequest]) -> list[Pair]:
    """Each pair once; raises for numbers that no identifier can have."""
    pairs = dict.fromkeys(pair_of(link.a_nid, link.b_nid) for link in links)
    if len(pairs) > _MAX_LINKS:
        raise InvalidLink(f"One call changes at most {_MAX_LINKS} links.", limit=_MAX_LINKS)
    for first, second in pairs:
        if not 0 < first <= second <= _MAX_NID:
            raise LinkNotFound("These two identifiers were never linked.", a=first, b=second)
    return list(pairs)


def _command(kind: str, command_id: str, body: Mapping[str, Any], actor: str) -> Command:
    return Command(tenant(), command_uuid(command_id), kind, body, require_actor(actor))


def _ends(pairs: Iterable[Sequence[int]]) -> list[int]:
    return sorted({nid for pair in pairs for nid in pair})


def _entry(entry: RecordedEntry) -> messages.LedgerEntry:
    return messages.LedgerEntry(
        entry=entry.entry,
        recorded_at=timestamp(entry.recorded_at_ms),
        cause=entry.cause,
        actor=entry.actor,
        links=[
            messages.LedgerLink(a_nid=a, b_nid=b, message_id=message_id) for a, b, message_id in entry.links
        ],
        moves=[
            messages.LedgerMove(nid=nid, from_profile_id=was, to_profile_id=now)
            for nid, was, now in entry.moves
        ],
    )
