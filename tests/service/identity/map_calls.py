"""Calls that change or explain who is who, as a gateway makes them."""

import uuid
from collections.abc import Iterable, Mapping

from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from tests.service.identity.cell import Gateway, eventually

ACTOR = "teammate:chen"
Ends = tuple[int, int]


class MapCalls:
    """On behalf of the gateway's present tenant."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def link(self, a: int, b: int, command_id: str = "") -> messages.LinkResponse:
        request = messages.LinkRequest(
            command_id=command_id or str(uuid.uuid4()), a_nid=a, b_nid=b, actor=ACTOR
        )
        return await self._call(self.gateway.stub.Link, request)

    async def unlink(self, *pairs: Ends, entry: int = 0) -> messages.UnlinkResponse:
        request = messages.UnlinkRequest(
            command_id=str(uuid.uuid4()), links=_names(pairs), ledger_entry=entry, actor=ACTOR
        )
        return await self._call(self.gateway.stub.Unlink, request)

    async def restore(self, *pairs: Ends) -> messages.RestoreLinksResponse:
        request = messages.RestoreLinksRequest(command_id=str(uuid.uuid4()), links=_names(pairs), actor=ACTOR)
        return await self._call(self.gateway.stub.RestoreLinks, request)

    async def links(self, profile_id: int, **fields: object) -> messages.ListLinksResponse:
        request = messages.ListLinksRequest(profile_id=profile_id, **fields)  # type: ignore[arg-type]
        return await self._call(self.gateway.stub.ListLinks, request)

    async def ledger(self, profile_id: int = 0, **fields: object) -> messages.ListLedgerResponse:
        request = messages.ListLedgerRequest(profile_id=profile_id, **fields)  # type: ignore[arg-type]
        return await self._call(self.gateway.stub.ListLedger, request)

    async def rules(self) -> messages.GetRulesResponse:
        return await self._call(self.gateway.stub.GetRules, messages.GetRulesRequest())

    async def preview(
        self,
        limits: Mapping[gateway_events.IdentifierKind, int] | None = None,
        blocked: Iterable[str] = (),
    ) -> messages.PreviewRulesResponse:
        request = messages.PreviewRulesRequest(rules=_rules(limits, blocked))
        return await self._call(self.gateway.stub.PreviewRules, request)

    async def put(
        self,
        limits: Mapping[gateway_events.IdentifierKind, int] | None = None,
        blocked: Iterable[str] = (),
        *,
        phone_country_code: str = "",
        version: int | None = None,
    ) -> messages.Rules:
        """Put rules over those in force and wait until every group is judged by them."""
        rules = _rules(limits, blocked)
        rules.phone_country_code = phone_country_code
        rules.version = (await self.rules()).rules.version if version is None else version
        request = messages.PutRulesRequest(command_id=str(uuid.uuid4()), rules=rules, actor=ACTOR)
        answer = await self._call(self.gateway.stub.PutRules, request)
        await self.judged()
        return answer.rules

    async def judged(self) -> None:
        async def all_judged() -> bool:
            return not (await self.rules()).groups_to_judge

        await eventually(all_judged)

    async def people(self) -> set[str]:
        """Everybody, as the values of their identifiers in one line."""
        found, token = set(), ""
        while True:
            page = await self.gateway.search(page_size=200, page_token=token)
            for profile in page.profiles:
                found.add(" ".join(sorted(identifier.value for identifier in profile.identifiers)))
            token = page.next_page_token
            if not token:
                return found

    async def nid(self, value: str) -> int:
        """The number of the identifier with that value."""
        page = await self.gateway.search(query=value)
        [nid] = {
            identifier.nid
            for profile in page.profiles
            for identifier in profile.identifiers
            if identifier.value == value
        }
        return nid

    async def pair(self, first: str, second: str) -> Ends:
        return await self.nid(first), await self.nid(second)

    async def _call(self, method: object, request: object) -> object:
        return await self.gateway.client.call(method, request, tenant_id=self.gateway.tenant_id)  # type: ignore[arg-type]


def _names(pairs: Iterable[Ends]) -> list[messages.LinkName]:
    return [messages.LinkName(a_nid=a, b_nid=b) for a, b in pairs]


def _rules(
    limits: Mapping[gateway_events.IdentifierKind, int] | None, blocked: Iterable[str]
) -> messages.Rules:
    return messages.Rules(
        limits=[messages.KindLimit(kind=kind, limit=limit) for kind, limit in (limits or {}).items()],
        blocked_values=blocked,
    )
