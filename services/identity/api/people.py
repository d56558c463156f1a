"""Calls about people: one, many, and how many events made them."""

import base64
import binascii
from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import tenant
from services.identity.domain.identifiers import MAX_VALUE_CHARACTERS
from services.identity.domain.people import LinkState, Profile, ShownIdentifier, ShownLink, Whom
from services.identity.errors import InvalidPageSize, InvalidPageToken, InvalidQuery, ProfileNotFound
from services.identity.store import Database
from services.identity.store.queries.intake import load_intake
from services.identity.store.queries.profiles import count_profiles, load_profile, load_profiles

_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 200
_MAX_NID = 2**31 - 1
_TOKEN_FORM = b"p1:"
_WHOM = {
    messages.PROFILE_FILTER_UNSPECIFIED: Whom.EVERYBODY,
    messages.PROFILE_FILTER_MEMBERS: Whom.MEMBERS,
    messages.PROFILE_FILTER_VISITORS: Whom.VISITORS,
}

Context = grpc.aio.ServicerContext[Any, Any]


class PeopleApi:
    """GetProfile, SearchProfiles, GetIntake."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def GetProfile(
        self, request: messages.GetProfileRequest, context: Context
    ) -> messages.GetProfileResponse:
        found = None
        if 0 < request.profile_id <= _MAX_NID:
            found = await load_profile(self._database, tenant(), request.profile_id)
        if found is None:
            raise ProfileNotFound("There is no profile with this id.", profile_id=request.profile_id)
        return messages.GetProfileResponse(
            profile=profile_message(found.profile),
            links=map(link_message, found.links),
            joining_links=found.counts.joining,
            refused_links=found.counts.refused,
            withdrawn_links=found.counts.withdrawn,
        )

    async def SearchProfiles(
        self, request: messages.SearchProfilesRequest, context: Context
    ) -> messages.SearchProfilesResponse:
        if request.page_size > _MAX_PAGE_SIZE:
            raise InvalidPageSize("Ask for fewer profiles a page.", limit=_MAX_PAGE_SIZE)
        if len(request.query) > MAX_VALUE_CHARACTERS or "\0" in request.query:
            raise InvalidQuery("No identifier begins like this.", limit=MAX_VALUE_CHARACTERS)
        if request.filter not in _WHOM:
            raise InvalidQuery("There is no such filter.", filter=request.filter)
        size = request.page_size or _PAGE_SIZE
        before = _place_of(request.page_token) if request.page_token else _MAX_NID
        # One more than asked for tells whether there is another page.
        found = await load_profiles(
            self._database, tenant(), request.query, _WHOM[request.filter], before=before, size=size + 1
        )
        page = found[:size]
        token = _token_of(page[-1].profile_id) if len(found) > size else ""
        return messages.SearchProfilesResponse(profiles=map(profile_message, page), next_page_token=token)

    async def CountProfiles(
        self, request: messages.CountProfilesRequest, context: Context
    ) -> messages.CountProfilesResponse:
        profiles, members = await count_profiles(self._database, tenant())
        answer = messages.CountProfilesResponse(profiles=profiles, members=members)
        answer.as_of.GetCurrentTime()
        return answer

    async def GetIntake(
        self, request: messages.GetIntakeRequest, context: Context
    ) -> messages.GetIntakeResponse:
        intake = await load_intake(self._database, tenant())
        return messages.GetIntakeResponse(
            received=intake.received,
            counted=intake.counted,
            duplicates=intake.duplicates,
            set_aside=intake.set_aside,
            suppressed=intake.suppressed,
            accepted_to=intake.accepted_to,
            as_of=None if intake.as_of_ms is None else timestamp(intake.as_of_ms),
        )


def _token_of(profile_id: int) -> str:
    return base64.urlsafe_b64encode(_TOKEN_FORM + profile_id.to_bytes(4)).decode()


def _place_of(token: str) -> int:
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise InvalidPageToken("This page token is not one of ours.") from error
    place = int.from_bytes(raw[len(_TOKEN_FORM) :])
    if not raw.startswith(_TOKEN_FORM) or len(raw) != len(_TOKEN_FORM) + 4 or place > _MAX_NID:
        raise InvalidPageToken("This page token is not one of ours.")
    return place


def profile_message(profile: Profile) -> messages.Profile:
    return messages.Profile(
        profile_id=profile.profile_id,
        member=profile.member,
        first_seen_at=timestamp(profile.first_seen_at_ms),
        identifiers=map(identifier_message, profile.identifiers),
    )


def identifier_message(identifier: ShownIdentifier) -> messages.Identifier:
    return messages.Identifier(
        nid=identifier.nid,
        kind=int(identifier.kind),  # type: ignore[arg-type]
        value=identifier.value,
        first_seen_at=timestamp(identifier.first_seen_at_ms),
    )


def link_message(link: ShownLink) -> messages.Link:
    return messages.Link(
        a_nid=link.a.nid,
        b_nid=link.b.nid,
        occurred_at=timestamp(link.occurred_at_ms),
        message_id=link.message_id,
        refused=link.state is LinkState.REFUSED,
        refused_reason=link.refused_reason,
        verified=link.verified,
        withdrawn_at=None if link.withdrawn_at_ms is None else timestamp(link.withdrawn_at_ms),
        withdrawn_by=link.withdrawn_by,
        a=identifier_message(link.a),
        b=identifier_message(link.b),
        a_profile_id=link.a_profile_id,
        b_profile_id=link.b_profile_id,
    )


def timestamp(milliseconds: int) -> Timestamp:
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000)
