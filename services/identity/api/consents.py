"""Calls about consent, suppression and how people can be reached."""

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import tenant
from services.identity.commands import Command, CommandQueue
from services.identity.consents import PUT_CONSENTS, SUPPRESS, UNSUPPRESS, load_person
from services.identity.contacts import fingerprints, load_contacts
from services.identity.domain.consent import Consent, is_purpose
from services.identity.domain.identifiers import MAX_VALUE_CHARACTERS, Kind
from services.identity.domain.reachability import Channel
from services.identity.errors import (
    IdentifierNotUsable,
    InvalidCommandId,
    InvalidConsent,
    InvalidText,
    ProfileNotFound,
)
from services.identity.paging import page_size, place_of, token_of
from services.identity.store import Database
from services.identity.store.queries.stated import Stated, load_statements
from services.identity.store.queries.suppressions import (
    Suppression,
    load_suppressed_among,
    load_suppressions,
)
from services.identity.store.reading import open_reading

_MAX_NID = 2**31 - 1
_KINDS = frozenset(map(int, Kind))
_MAX_IDENTIFIERS = 1_000
_MAX_PURPOSES = 100
_MAX_EVIDENCE_BYTES = 8 * 1024
_MAX_TEXT = 500
# Clocks differ; what is stated later than this would win over all that people say from now on.
_FUTURE_MS = 5 * 60 * 1000

Context = grpc.aio.ServicerContext[Any, Any]


class ConsentsApi:
    """GetConsents, PutConsents, ListConsentStatements, Suppress, Unsuppress, ListSuppressions."""

    _database: Database
    _commands: CommandQueue

    async def GetConsents(
        self, request: messages.GetConsentsRequest, context: Context
    ) -> messages.GetConsentsResponse:
        nid = _nid(request.profile_id)
        async with open_reading(self._database, tenant()) as connection:
            person = await load_person(connection, tenant(), nid)
            theirs = fingerprints(tenant(), person.identifiers)
            suppressed = await load_suppressed_among(connection, tenant(), theirs)
            (contact,) = await load_contacts(connection, tenant(), [person], suppressed)
        return messages.GetConsentsResponse(
            profile_id=contact.profile_id,
            consents=[_consent(one) for one in contact.consents],
            channels=[_channel(channel) for channel in contact.channels],
            suppressed=contact.suppressed,
        )

    async def PutConsents(
        self, request: messages.PutConsentsRequest, context: Context
    ) -> messages.PutConsentsResponse:
        nid = _nid(request.profile_id)
        said = _said(request.consents)
        evidence = _evidence(request.evidence_json)
        body = {"profile_id": nid, "consents": said, "evidence": evidence}
        result = await self._run(request.command_id, PUT_CONSENTS, body, request.actor)
        return messages.PutConsentsResponse(
            consents=[
                _consent(Consent(one["purpose"], one["granted"], one["stated_at_ms"]))
                for one in result["consents"]
            ]
        )

    async def ListConsentStatements(
        self, request: messages.ListConsentStatementsRequest, context: Context
    ) -> messages.ListConsentStatementsResponse:
        nid, size = _nid(request.profile_id), page_size(request.page_size)
        before = place_of("statements", request.page_token)
        async with open_reading(self._database, tenant()) as connection:
            person = await load_person(connection, tenant(), nid)
            nids = [one.nid for one in person.identifiers]
            found = await load_statements(connection, tenant(), nids, before=before, size=size + 1)
        page = found[:size]
        return messages.ListConsentStatementsResponse(
            statements=[_stated(one) for one in page],
            next_page_token=token_of("statements", page[-1].statement) if len(found) > size else "",
        )

    async def Suppress(
        self, request: messages.SuppressRequest, context: Context
    ) -> messages.SuppressResponse:
        _require_text("reason", request.reason)
        body = {"identifiers": _identifiers(request.identifiers), "reason": request.reason}
        result = await self._run(request.command_id, SUPPRESS, body, request.actor)
        return messages.SuppressResponse(added=result["added"])

    async def Unsuppress(
        self, request: messages.UnsuppressRequest, context: Context
    ) -> messages.UnsuppressResponse:
        body = {"identifiers": _identifiers(request.identifiers)}
        result = await self._run(request.command_id, UNSUPPRESS, body, request.actor)
        return messages.UnsuppressResponse(removed=result["removed"])

    async def ListSuppressions(
        self, request: messages.ListSuppressionsRequest, context: Context
    ) -> messages.ListSuppressionsResponse:
        size = page_size(request.page_size)
        before = place_of("suppressions", request.page_token)
        found = await load_suppressions(self._database, tenant(), before=before, size=size + 1)
        page = found[:size]
        return messages.ListSuppressionsResponse(
            suppressions=[_suppression(one) for one in page],
            next_page_token=token_of("suppressions", page[-1].entry) if len(found) > size else "",
        )

    async def _run(
        self, command_id: str, kind: str, body: Mapping[str, Any], actor: str
    ) -> Mapping[str, Any]:
        try:
            uuid.UUID(command_id)
        except ValueError as error:
            raise InvalidCommandId(
                "command_id must be a UUID, the same when the call is repeated."
            ) from error
        _require_text("actor", actor)
        return await self._commands.run(Command(tenant(), command_id, kind, body, actor))


def _nid(profile_id: int) -> int:
    if not 0 < profile_id <= _MAX_NID:
        raise ProfileNotFound("There is no profile with this id.", profile_id=profile_id)
    return profile_id


def _said(consents: Iterable[messages.Consent]) -> list[dict[str, object]]:
    now_ms = time.time_ns() // 1_000_000
    said: dict[str, dict[str, object]] = {}
    for consent in consents:
        if not is_purpose(consent.purpose):
            raise InvalidConsent(
                "A purpose begins with a letter a–z and has at most 64 of a–z, 0–9 and _.",
                purpose=consent.purpose[:100],
            )
        if consent.purpose in said:
            raise InvalidConsent("A purpose is stated twice.", purpose=consent.purpose)
        if consent.state not in (messages.CONSENT_STATE_GRANTED, messages.CONSENT_STATE_DENIED):
            raise InvalidConsent("Say whether it is granted or denied.", purpose=consent.purpose)
        # 0: from the moment it is recorded, so that a repeated call asks for the same.
        stated_at_ms = 0
        if consent.HasField("stated_at"):
            stated_at_ms = consent.stated_at.ToMilliseconds()
            if not 0 < stated_at_ms <= now_ms + _FUTURE_MS:
                raise InvalidConsent("It can only have been stated until now.", purpose=consent.purpose)
        granted = consent.state == messages.CONSENT_STATE_GRANTED
        said[consent.purpose] = {
            "purpose": consent.purpose,
            "granted": granted,
            "stated_at_ms": stated_at_ms,
        }
    if not 0 < len(said) <= _MAX_PURPOSES:
        raise InvalidConsent("State 1 to 100 purposes.", limit=_MAX_PURPOSES)
    return list(said.values())


def _evidence(text: str) -> Mapping[str, Any]:
    if len(text.encode()) > _MAX_EVIDENCE_BYTES:
        raise InvalidConsent("The evidence is too long.", limit_bytes=_MAX_EVIDENCE_BYTES)
    try:
        evidence = json.loads(text or "{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidConsent("The evidence must be a JSON object.") from error
    if not isinstance(evidence, dict) or "\\u0000" in json.dumps(evidence):
        raise InvalidConsent("The evidence must be a JSON object without NUL characters.")
    return evidence


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _identifiers(names: Iterable[messages.IdentifierName]) -> list[tuple[int, str]]:
    found = []
    for place, name in enumerate(names):
        if name.kind not in _KINDS:
            raise IdentifierNotUsable("Say of which kind it is.", place=place)
        if len(name.value) > MAX_VALUE_CHARACTERS or "\0" in name.value:
            raise IdentifierNotUsable("No identifier can be this.", place=place, limit=MAX_VALUE_CHARACTERS)
        found.append((int(name.kind), name.value))
    if not 0 < len(found) <= _MAX_IDENTIFIERS:
        raise IdentifierNotUsable("Name 1 to 1,000 identifiers.", limit=_MAX_IDENTIFIERS)
    return found


def _require_text(field: str, text: str) -> None:
    if len(text) > _MAX_TEXT or "\0" in text:
        raise InvalidText(f"{field} has at most {_MAX_TEXT} characters and no NUL.", field=field)


def _consent(consent: Consent) -> messages.Consent:
    state = messages.CONSENT_STATE_GRANTED if consent.granted else messages.CONSENT_STATE_DENIED
    return messages.Consent(purpose=consent.purpose, state=state, stated_at=_timestamp(consent.stated_at_ms))


def _channel(channel: Channel) -> messages.ContactChannel:
    reach = channel.reach
    return messages.ContactChannel(
        channel=reach.channel, reachable=reach.reachable, reason=reach.reason, address=channel.address
    )


def _stated(stated: Stated) -> messages.StatedConsent:
    return messages.StatedConsent(
        consent=_consent(Consent(stated.purpose, stated.granted, stated.stated_at_ms)),
        nid=stated.nid,
        source=stated.source,
        message_id=stated.message_id,
        evidence_json=stated.evidence_json,
        actor=stated.actor,
        recorded_at=_timestamp(stated.recorded_at_ms),
    )


def _suppression(suppression: Suppression) -> messages.Suppression:
    return messages.Suppression(
        kind=int(suppression.kind),  # type: ignore[arg-type]
        fingerprint=suppression.fingerprint,
        reason=suppression.reason,
        actor=suppression.actor,
        since=_timestamp(suppression.since_ms),
    )


def _timestamp(milliseconds: int) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMilliseconds(milliseconds)
    return stamp
