"""People: searching them, and what one of them did."""

from datetime import datetime
from typing import Annotated, Literal, get_args

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import Sight
from services.gateway.errors.people import ProfileNotFound
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import AsOf, Event, Profile, as_of, profile, timeline
from services.gateway.routes.parts import Caller, Cursor, Limit, Parts, PartsOf, Search, Storable
from services.gateway.routes.sight import SightOf, reveal_of

router = APIRouter(tags=["profiles"])

ProfileId = Annotated[
    int, Path(ge=1, le=2**32 - 1, description="A profile's id, or any nid that belongs to it")
]
Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
EventName = Annotated[str, Field(min_length=1, max_length=200), Storable]
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _in_sight(asked: datetime) -> datetime:
    # Elsewhere an offset may lead out of all years there are.
    if not _FIRST_YEAR <= asked.year <= _LAST_YEAR:
        raise ValueError(f"must be of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return asked


Moment = Annotated[AwareDatetime, AfterValidator(_in_sight)]
From = Annotated[Moment | None, Query(alias="from", description="Not before; with its UTC offset")]
To = Annotated[Moment | None, Query(alias="to", description="Before; with its UTC offset")]
_MAX_NAMES = 20
_FILTERS = {
    "": identity_pb.PROFILE_FILTER_UNSPECIFIED,
    "member": identity_pb.PROFILE_FILTER_MEMBERS,
    "visitor": identity_pb.PROFILE_FILTER_VISITORS,
}
# Trait values shorter than this are in half of all profiles.
_TRAIT_TEXT = 2


_MASKED = Field(description="Whether personal data are masked: a teammate did not ask for them 個資是否遮蔽")


class ProfileList(AsOf):
    profiles: list[Profile]
    next_cursor: str | None


class ProfileAnswer(AsOf):
    profile: Profile
    links: int
    refused_links: int
    events: list[Event]
    next_cursor: str | None
    masked: bool = _MASKED


class EventList(AsOf):
    events: list[Event]
    next_cursor: str | None
    masked: bool = _MASKED


class Reveal(BaseModel):
    profile_id: int
    reveal: str = Field(description="To send as `X-Reveal`; good for this teammate and this person only")
    until: datetime


@router.get("/v1/profiles", summary="Search profiles 搜尋顧客檔案")
async def list_profiles(
    principal: Caller,
    parts: PartsOf,
    sight: SightOf,
    *,
    q: Search = "",
    kind: Annotated[Literal["", "member", "visitor"], Query(description="All, members or visitors")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> ProfileList:
    """Newest first those with an identifier that begins with `q`, then those with a trait containing it."""
    search = _Search(parts, principal.tenant_id, q.strip(), kind)
    found, next_cursor = await search.page(cursor, limit)
    summaries = await parts.clients.insight.get_summaries(
        principal.tenant_id, [known.profile_id for known in found]
    )
    profiles = [
        profile(known, summary, sight) for known, summary in zip(found, summaries.profiles, strict=True)
    ]
    return ProfileList(profiles=profiles, next_cursor=next_cursor, **as_of(summaries.watermark))


class _Search:
    """One list out of two: identity's, then what only insight finds."""

    def __init__(self, parts: Parts, tenant_id: str, text: str, kind: str) -> None:
        self._clients = parts.clients
        self._tenant_id = tenant_id
        self._text = text
        self._kind = kind

    async def page(self, cursor: str, limit: int) -> tuple[list[identity_pb.Profile], str | None]:
        list_name = f"profiles {self._kind} {self._text}"
        place = place_of(list_name, cursor, str, str) if cursor else ("identifiers", "")
        if place is None:
            raise CursorNotValid("The cursor belongs to another list.")
        source, token = str(place[0]), str(place[1])
        found: list[identity_pb.Profile] = []
        if source == "identifiers":
            request = identity_pb.SearchProfilesRequest(
                query=self._text, filter=_FILTERS[self._kind], page_size=limit, page_token=token
            )
            answer = await self._clients.identity.search_profiles(self._tenant_id, request)
            found = list(answer.profiles)
            if answer.next_page_token:
                return found, cursor_of(list_name, "identifiers", answer.next_page_token)
            source, token = "traits", ""
        if len(self._text) < _TRAIT_TEXT:
            return found, None
        if len(found) >= limit:
            return found, cursor_of(list_name, "traits", "")
        more, token = await self._by_traits(limit - len(found), token)
        return found + more, cursor_of(list_name, "traits", token) if token else None

    async def _by_traits(self, limit: int, token: str) -> tuple[list[identity_pb.Profile], str]:
        request = insight_pb.SearchTraitsRequest(text=self._text, page_size=limit, page_token=token)
        answer = await self._clients.insight.search_traits(self._tenant_id, request)
        found = await self._clients.identity.get_profiles(self._tenant_id, answer.profile_ids)
        return [one.profile for one in found if self._is_new(one.profile)], answer.next_page_token

    def _is_new(self, known: identity_pb.Profile) -> bool:
        """Not in identity's part of the list, and of the kind asked for."""
        listed = any(
            identifier.value.lower().startswith(self._text.lower()) for identifier in known.identifiers
        )
        return not listed and self._kind in ("", "member" if known.member else "visitor")


@router.get("/v1/profiles/{profile_id}", summary="One profile 單一顧客檔案")
async def get_profile(
    profile_id: ProfileId, principal: Caller, parts: PartsOf, sight: SightOf, limit: Limit = 50
) -> ProfileAnswer:
    """Identifiers, traits, totals and the newest events. The id of a merged profile leads to the survivor."""
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    summaries = await parts.clients.insight.get_summaries(principal.tenant_id, [survivor])
    newest = insight_pb.ListProfileEventsRequest(page_size=limit)
    page = await _events(parts, principal.tenant_id, sight, survivor, "", newest)
    return ProfileAnswer(
        profile=profile(known.profile, summaries.profiles[0], sight),
        links=known.joining_links,
        refused_links=known.refused_links,
        **page.model_dump(),
    )


@router.post("/v1/profiles/{profile_id}/reveal", summary="Show personal data 顯示個資")
async def reveal_profile(profile_id: ProfileId, principal: Caller, parts: PartsOf) -> Reveal:
    """What teammates see of people is masked; for a quarter of an hour one person's is not.

    The audit log notes who looked at whom. Keys see all that they may read, without it.
    """
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    await parts.audit.write(principal.did("profile.revealed", f"profile:{survivor}"))
    reveal, until = reveal_of(parts.sealer, principal, survivor)
    return Reveal(profile_id=survivor, reveal=reveal, until=until)


@router.get("/v1/profiles/{profile_id}/events", summary="What somebody did, newest first 顧客時間軸")
async def list_events(
    profile_id: ProfileId,
    principal: Caller,
    parts: PartsOf,
    sight: SightOf,
    *,
    kind: Annotated[
        list[Kind], Query(default_factory=list, max_length=len(get_args(Kind)), description="Only these")
    ],
    name: Annotated[
        list[EventName],
        Query(
            default_factory=list,
            max_length=_MAX_NAMES,
            description="Only events of these names; with `kind`, those too",
        ),
    ],
    at_from: From = None,
    at_to: To = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> EventList:
    """All, or those of some kinds, names and days."""
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    asked = insight_pb.ListProfileEventsRequest(
        kinds=[gateway_pb.EventKind.Value(f"EVENT_KIND_{one.upper()}") for one in kind],
        names=name,
        page_size=limit,
    )
    if at_from is not None:
        asked.not_before.FromDatetime(at_from)
    if at_to is not None:
        asked.before.FromDatetime(at_to)
    return await _events(parts, principal.tenant_id, sight, known.profile.profile_id, cursor, asked)


async def _events(  # noqa: PLR0917 - what is asked, of whom, and by whom
    parts: Parts,
    tenant_id: str,
    sight: Sight,
    profile_id: int,
    cursor: str,
    request: insight_pb.ListProfileEventsRequest,
) -> EventList:
    place = place_of("events", cursor, int, str) if cursor else (profile_id, "")
    # Somebody who was merged since the page before has another list.
    if place is None or place[0] != profile_id:
        raise CursorNotValid("The cursor belongs to another list.")
    request.profile_id, request.page_token = profile_id, str(place[1])
    answer = await parts.clients.insight.list_events(tenant_id, request)
    following = cursor_of("events", profile_id, answer.next_page_token) if answer.next_page_token else None
    shown = sight.sees(profile_id)
    return EventList(
        events=timeline(answer.events, shown=shown),
        next_cursor=following,
        masked=not shown,
        **as_of(answer.watermark),
    )
