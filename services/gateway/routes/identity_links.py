"""Why somebody is who they are: links, joining and parting people, and the ledger of every such change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from contracts.identity.v1 import identity_service_pb2 as identity_pb
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import Sight
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import Identifier, identifier, moment
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf
from services.gateway.routes.profiles import ProfileId
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["identity"])

_MAX_LINKS = 1_000
_STATES = {
    "": identity_pb.LINK_STATE_UNSPECIFIED,
    "joining": identity_pb.LINK_STATE_JOINING,
    "refused": identity_pb.LINK_STATE_REFUSED,
    "withdrawn": identity_pb.LINK_STATE_WITHDRAWN,
}

Nid = Annotated[int, Field(ge=1, le=2**31 - 1, description="An identifier's number")]


class End(Identifier):
    profile_id: int = Field(description="Whom the identifier belongs to now")


class LinkAnswer(BaseModel):
    """Two identifiers seen together, and the first event that said so."""

    a: End
    b: End
    state: Literal["joining", "refused", "withdrawn"]
    occurred_at: datetime | None
    message_id: str = Field(description='The event; "link:…" where a teammate said so')
    verified: bool = Field(description="Said by a secret key, a signed token or a teammate")
    refused_reason: str = Field(description="USER_ID_LIMIT, EMAIL_LIMIT, …, BLOCKED_VALUE, CLUSTER_TOO_LARGE")
    withdrawn_at: datetime | None
    withdrawn_by: str


class LinkList(BaseModel):
    links: list[LinkAnswer]
    next_cursor: str | None


class Person(BaseModel):
    """A profile's identifiers after a change."""

    id: int
    member: bool
    identifiers: list[Identifier]


class LinkOrder(Body):
    """The identifiers to join: one of the profile in the path, one of another."""

    nid: Nid
    other_nid: Nid


class Linked(BaseModel):
    link: LinkAnswer
    profile: Person


class Ends(Body):
    a: Nid
    b: Nid


class UnlinkOrder(Body):
    """Links by their ends, or all that an entry of the ledger names."""

    links: Annotated[list[Ends], Field(default_factory=list, max_length=_MAX_LINKS)]
    ledger_entry: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None


class Unlinked(BaseModel):
    profiles: list[Person]
    remaining: list[LinkAnswer] = Field(
        description="Where both ends of a withdrawn link are still one person: what else joins them"
    )


class RestoreOrder(Body):
    links: Annotated[list[Ends], Field(min_length=1, max_length=_MAX_LINKS)]


class Restored(BaseModel):
    profiles: list[Person]


class LedgerLink(BaseModel):
    a: int
    b: int
    message_id: str


class Move(BaseModel):
    nid: int
    from_profile: int
    to_profile: int


class LedgerEntry(BaseModel):
    """One change of who belongs together."""

    entry: int
    recorded_at: datetime | None
    cause: Literal["events", "link", "unlink", "restore", "rules"]
    actor: str = Field(description="Who asked for it; empty where events caused it")
    links: list[LedgerLink]
    moves: list[Move]


class LedgerPage(BaseModel):
    entries: list[LedgerEntry]
    identifiers: list[Identifier] = Field(description="What the numbers in the entries name")
    next_cursor: str | None


@router.get("/v1/profiles/{profile_id}/links", summary="How somebody was joined 身分連結")
async def list_links(
    profile_id: ProfileId,
    principal: Caller,
    parts: PartsOf,
    *,
    sight: SightOf,
    state: Annotated[
        Literal["", "joining", "refused", "withdrawn"], Query(description="All, or one state")
    ] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> LinkList:
    """Which event joined which two identifiers, and which links joined nothing; newest identifiers first."""
    list_name = f"links {profile_id} {state}"
    request = identity_pb.ListLinksRequest(
        profile_id=profile_id, state=_STATES[state], page_size=limit, page_token=_token(list_name, cursor)
    )
    answer = await parts.clients.identity.list_links(principal.tenant_id, request)
    return LinkList(links=_links(answer.links, sight), next_cursor=_cursor(list_name, answer.next_page_token))


@router.post("/v1/profiles/{profile_id}/links", summary="Join two profiles 合併兩個檔案")
async def link_profiles(
    profile_id: ProfileId,
    body: LinkOrder,
    principal: Caller,
    command_id: CommandId,
    parts: PartsOf,
    *,
    sight: SightOf,
) -> Linked:
    """By your word, which counts like a secret key's. The rules judge it: two members are never joined.

    Answers with the link as it was judged; `refused` says which rule it would break.
    """
    request = identity_pb.LinkRequest(
        command_id=command_id, a_nid=body.nid, b_nid=body.other_nid, actor=principal.name
    )
    answer = await parts.clients.identity.link(principal.tenant_id, request)
    [link] = _links([answer.link], sight)
    told = {"a": link.a.nid, "b": link.b.nid, "state": link.state, "reason": link.refused_reason}
    await parts.audit.write(principal.did("profile.linked", f"profile:{profile_id}", after=told))
    return Linked(link=link, profile=_person(answer.profile, sight))


@router.post("/v1/profiles/{profile_id}/links/withdraw", summary="Part what was joined 拆開身分連結")
async def unlink_profiles(
    profile_id: ProfileId,
    body: UnlinkOrder,
    principal: Caller,
    command_id: CommandId,
    parts: PartsOf,
    *,
    sight: SightOf,
) -> Unlinked:
    """As if the links had never been; they stay withdrawn when events say them again."""
    request = identity_pb.UnlinkRequest(
        command_id=command_id,
        links=_names(body.links),
        ledger_entry=body.ledger_entry or 0,
        actor=principal.name,
    )
    answer = await parts.clients.identity.unlink(principal.tenant_id, request)
    people = [_person(one, sight) for one in answer.profiles]
    told = {"links": len(body.links), "entry": body.ledger_entry, "profiles": [one.id for one in people]}
    await parts.audit.write(principal.did("profile.unlinked", f"profile:{profile_id}", after=told))
    return Unlinked(profiles=people, remaining=_links(answer.remaining, sight))


@router.post("/v1/profiles/{profile_id}/links/restore", summary="Undo a withdrawal 恢復身分連結")
async def restore_links(
    profile_id: ProfileId,
    body: RestoreOrder,
    principal: Caller,
    command_id: CommandId,
    parts: PartsOf,
    *,
    sight: SightOf,
) -> Restored:
    request = identity_pb.RestoreLinksRequest(
        command_id=command_id, links=_names(body.links), actor=principal.name
    )
    answer = await parts.clients.identity.restore_links(principal.tenant_id, request)
    people = [_person(one, sight) for one in answer.profiles]
    told = {"links": len(body.links), "profiles": [one.id for one in people]}
    await parts.audit.write(principal.did("profile.links_restored", f"profile:{profile_id}", after=told))
    return Restored(profiles=people)


@router.get("/v1/ledger", summary="Every change of who is who 身分變更紀錄")
async def list_ledger(
    principal: Caller,
    parts: PartsOf,
    *,
    sight: SightOf,
    profile: Annotated[int, Query(ge=0, le=2**31 - 1, description="Of one profile; 0: of all")] = 0,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> LedgerPage:
    """Newest first: who moved from which profile to which, why, and who asked for it."""
    list_name = f"ledger {profile}"
    request = identity_pb.ListLedgerRequest(
        profile_id=profile, page_size=limit, page_token=_token(list_name, cursor)
    )
    answer = await parts.clients.identity.list_ledger(principal.tenant_id, request)
    return LedgerPage(
        entries=[_entry(entry) for entry in answer.entries],
        # All of one person's ledger were theirs at some time.
        identifiers=[identifier(one, shown=sight.sees(profile)) for one in answer.identifiers],
        next_cursor=_cursor(list_name, answer.next_page_token),
    )


def _names(links: Sequence[Ends]) -> list[identity_pb.LinkName]:
    return [identity_pb.LinkName(a_nid=link.a, b_nid=link.b) for link in links]


def _person(known: identity_pb.Profile, sight: Sight) -> Person:
    shown = sight.sees(known.profile_id)
    return Person(
        id=known.profile_id,
        member=known.member,
        identifiers=[identifier(one, shown=shown) for one in known.identifiers],
    )


def _links(links: Sequence[identity_pb.Link], sight: Sight) -> list[LinkAnswer]:
    return [
        LinkAnswer(
            a=_end(link.a, link.a_profile_id, sight),
            b=_end(link.b, link.b_profile_id, sight),
            state=_state(link),
            occurred_at=moment(link.occurred_at),
            message_id=link.message_id,
            verified=link.verified,
            refused_reason=link.refused_reason,
            withdrawn_at=moment(link.withdrawn_at),
            withdrawn_by=link.withdrawn_by,
        )
        for link in links
    ]


def _end(known: identity_pb.Identifier, profile_id: int, sight: Sight) -> End:
    shown = identifier(known, shown=sight.sees(profile_id))
    return End(**shown.model_dump(), profile_id=profile_id)


def _state(link: identity_pb.Link) -> Any:
    if link.HasField("withdrawn_at"):
        return "withdrawn"
    return "refused" if link.refused else "joining"


def _entry(entry: identity_pb.LedgerEntry) -> LedgerEntry:
    cause: Any = entry.cause
    return LedgerEntry(
        entry=entry.entry,
        recorded_at=moment(entry.recorded_at),
        cause=cause,
        actor=entry.actor,
        links=[LedgerLink(a=one.a_nid, b=one.b_nid, message_id=one.message_id) for one in entry.links],
        moves=[
            Move(nid=one.nid, from_profile=one.from_profile_id, to_profile=one.to_profile_id)
            for one in entry.moves
        ],
    )


def _token(list_name: str, cursor: str) -> str:
    place = place_of(list_name, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])


def _cursor(list_name: str, token: str) -> str | None:
    return cursor_of(list_name, token) if token else None
