"""What people agreed to, how they can be reached, and whose events are dropped."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import AfterValidator, BaseModel, Field

from services.gateway.domain.claims import normal_email, normal_phone
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import masked, masked_value
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import moment
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf, Storable
from services.gateway.routes.profiles import ProfileId
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["consent"])

_MAX_EVIDENCE_BYTES = 8 * 1024
_KIND = Literal["user_id", "email", "phone", "line_id", "external_id", "anonymous_id"]
_STATES = {
    identity_pb.CONSENT_STATE_GRANTED: "granted",
    identity_pb.CONSENT_STATE_DENIED: "denied",
}


class Consent(BaseModel):
    """The strictest of what the identifiers of a person say."""

    purpose: str
    state: Literal["granted", "denied"]
    stated_at: datetime | None


class Channel(BaseModel):
    channel: str
    reachable: bool
    reason: Literal["", "NO_ADDRESS", "NO_CONSENT", "DENIED", "SUPPRESSED", "UNDELIVERABLE"]
    address: str = Field(description="Where messages go; empty when they may not or cannot")


class ConsentsAnswer(BaseModel):
    profile_id: int
    consents: list[Consent] = Field(description="A purpose nobody said anything about is not here")
    channels: list[Channel]
    suppressed: bool


def _past(stated_at: datetime) -> datetime:
    if stated_at.tzinfo is None or not 0 < stated_at.timestamp() <= datetime.now(UTC).timestamp():
        raise ValueError("names its UTC offset and is not in the future")
    return stated_at


def _small(evidence: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(evidence)
    if len(text) > _MAX_EVIDENCE_BYTES or "\\u0000" in text:
        raise ValueError(f"at most {_MAX_EVIDENCE_BYTES} bytes as JSON, and no NUL character")
    return evidence


class StatedConsent(Body):
    purpose: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,63}$",
            description="analytics, personalization, advertising, email, sms, line, or one of your own",
        ),
    ]
    state: Literal["granted", "denied"]
    stated_at: Annotated[
        datetime | None,
        Field(description="When they said so; now, when left out"),
        AfterValidator(lambda stated_at: stated_at and _past(stated_at)),
    ] = None


def _once(consents: list[StatedConsent]) -> list[StatedConsent]:
    if len({one.purpose for one in consents}) < len(consents):
        raise ValueError("names a purpose twice")
    return consents


class ConsentsBody(Body):
    """What somebody said, of all that is known of them now."""

    consents: Annotated[list[StatedConsent], Field(min_length=1, max_length=100), AfterValidator(_once)]
    evidence: Annotated[
        dict[str, Any],
        Field(default_factory=dict, description="What shows it: the wording, the form, who took it down"),
        AfterValidator(_small),
    ]


class StatementAnswer(BaseModel):
    """One statement as it was recorded; a repetition of what was said last is not recorded again."""

    purpose: str
    state: Literal["granted", "denied"]
    stated_at: datetime | None
    recorded_at: datetime | None
    nid: int = Field(description="The identifier it is about")
    source: Literal["event", "gpc", "unsubscribe", "api"]
    message_id: str = Field(description="The event that said so; empty for others")
    evidence: Any
    actor: str


class StatementList(BaseModel):
    statements: list[StatementAnswer]
    next_cursor: str | None


class SuppressedName(Body):
    kind: _KIND
    value: Annotated[str, Field(min_length=1, max_length=512), Storable]


Names = Annotated[list[SuppressedName], Field(min_length=1, max_length=1000)]


class SuppressionOrder(Body):
    identifiers: Names
    reason: Annotated[str, Field(max_length=500), Storable] = ""


class LiftOrder(Body):
    identifiers: Names


class Added(BaseModel):
    added: int = Field(description="How many were not suppressed before")


class Lifted(BaseModel):
    lifted: int


class SuppressionAnswer(BaseModel):
    kind: _KIND
    fingerprint: str = Field(description="SHA-256 in hex; the value itself is not kept")
    reason: str
    actor: str
    since: datetime | None


class SuppressionList(BaseModel):
    suppressions: list[SuppressionAnswer]
    next_cursor: str | None


@router.get("/v1/profiles/{profile_id}/consents", summary="Consents and channels 同意與聯絡管道")
async def get_consents(
    profile_id: ProfileId, principal: Caller, parts: PartsOf, sight: SightOf
) -> ConsentsAnswer:
    found = await parts.clients.identity.get_consents(principal.tenant_id, profile_id)
    shown = sight.sees(found.profile_id)
    return ConsentsAnswer(
        profile_id=found.profile_id,
        consents=[_consent(one) for one in found.consents],
        channels=[
            Channel(
                channel=one.channel,
                reachable=one.reachable,
                reason=cast(Any, one.reason),
                address=one.address if shown or not one.address else masked(one.address),
            )
            for one in found.channels
        ],
        suppressed=found.suppressed,
    )


@router.put("/v1/profiles/{profile_id}/consents", summary="Record what somebody said 記錄同意聲明")
async def put_consents(
    profile_id: ProfileId, body: ConsentsBody, principal: Caller, command_id: CommandId, parts: PartsOf
) -> list[Consent]:
    """Purposes that are not named stay as they are. It is about every identifier the person has now."""
    request = identity_pb.PutConsentsRequest(
        command_id=command_id,
        profile_id=profile_id,
        consents=[_stated(one) for one in body.consents],
        evidence_json=json.dumps(body.evidence),
        actor=principal.name,
    )
    answer = await parts.clients.identity.put_consents(principal.tenant_id, request)
    said = {one.purpose: one.state for one in body.consents}
    await parts.audit.write(principal.did("consents.stated", f"profile:{profile_id}", after=said))
    return [_consent(one) for one in answer.consents]


@router.get("/v1/profiles/{profile_id}/consents/statements", summary="Every statement 同意聲明紀錄")
async def list_consent_statements(
    profile_id: ProfileId,
    principal: Caller,
    parts: PartsOf,
    *,
    sight: SightOf,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> StatementList:
    """Newest first, each with what shows it."""
    list_name = f"statements {profile_id}"
    request = identity_pb.ListConsentStatementsRequest(
        profile_id=profile_id, page_size=limit, page_token=_token(list_name, cursor)
    )
    answer = await parts.clients.identity.list_consent_statements(principal.tenant_id, request)
    return StatementList(
        statements=[_statement(one, shown=sight.sees(profile_id)) for one in answer.statements],
        next_cursor=_cursor(list_name, answer.next_page_token),
    )


@router.get("/v1/suppressions", summary="Suppressed identifiers 封鎖名單")
async def list_suppressions(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> SuppressionList:
    """Newest first."""
    request = identity_pb.ListSuppressionsRequest(page_size=limit, page_token=_token("suppressions", cursor))
    answer = await parts.clients.identity.list_suppressions(principal.tenant_id, request)
    return SuppressionList(
        suppressions=[
            SuppressionAnswer(
                kind=_kind(one.kind),
                fingerprint=one.fingerprint.hex(),
                reason=one.reason,
                actor=one.actor,
                since=moment(one.since),
            )
            for one in answer.suppressions
        ],
        next_cursor=_cursor("suppressions", answer.next_page_token),
    )


@router.post("/v1/suppressions", summary="Drop what somebody sends 加入封鎖名單")
async def add_suppressions(
    body: SuppressionOrder, principal: Caller, command_id: CommandId, parts: PartsOf
) -> Added:
    """From now on events that name one of these identifiers are dropped and counted, live and imported.

    Whoever has one of them cannot be reached by any channel.
    """
    request = identity_pb.SuppressRequest(
        command_id=command_id,
        identifiers=_names(body.identifiers),
        reason=body.reason,
        actor=principal.name,
    )
    answer = await parts.clients.identity.suppress(principal.tenant_id, request)
    told = {"added": answer.added, "named": _by_kind(body.identifiers)}
    await parts.audit.write(principal.did("suppressions.added", "suppressions", after=told))
    return Added(added=answer.added)


@router.delete("/v1/suppressions", summary="Take events again 解除封鎖")
async def lift_suppressions(
    body: LiftOrder, principal: Caller, command_id: CommandId, parts: PartsOf
) -> Lifted:
    """Named in the body, since addresses have no place in a URL. What was dropped does not come back."""
    request = identity_pb.UnsuppressRequest(
        command_id=command_id, identifiers=_names(body.identifiers), actor=principal.name
    )
    answer = await parts.clients.identity.unsuppress(principal.tenant_id, request)
    told = {"lifted": answer.removed, "named": _by_kind(body.identifiers)}
    await parts.audit.write(principal.did("suppressions.lifted", "suppressions", after=told))
    return Lifted(lifted=answer.removed)


def _names(names: Sequence[SuppressedName]) -> list[identity_pb.IdentifierName]:
    """As events would name them."""
    return [
        identity_pb.IdentifierName(
            kind=gateway_pb.IdentifierKind.Value(f"IDENTIFIER_KIND_{name.kind.upper()}"),
            value=_as_claimed(name),
        )
        for name in names
    ]


def _as_claimed(name: SuppressedName) -> str:
    match name.kind:
        case "email":
            return normal_email(name.value) or name.value
        case "phone":
            return normal_phone(name.value) or name.value
    return name.value


def _by_kind(names: Sequence[SuppressedName]) -> dict[str, int]:
    return dict(Counter(name.kind for name in names))


def _kind(kind: gateway_pb.IdentifierKind.ValueType) -> Any:
    return gateway_pb.IdentifierKind.Name(kind).removeprefix("IDENTIFIER_KIND_").lower()


def _stated(said: StatedConsent) -> identity_pb.Consent:
    granted, denied = identity_pb.CONSENT_STATE_GRANTED, identity_pb.CONSENT_STATE_DENIED
    consent = identity_pb.Consent(purpose=said.purpose, state=granted if said.state == "granted" else denied)
    if said.stated_at is not None:
        stamp = Timestamp()
        stamp.FromDatetime(said.stated_at.astimezone(UTC))
        consent.stated_at.CopyFrom(stamp)
    return consent


def _consent(consent: identity_pb.Consent) -> Consent:
    return Consent(
        purpose=consent.purpose,
        state=cast(Any, _STATES[consent.state]),
        stated_at=moment(consent.stated_at),
    )


def _statement(stated: identity_pb.StatedConsent, *, shown: bool) -> StatementAnswer:
    evidence = json.loads(stated.evidence_json)
    return StatementAnswer(
        **_consent(stated.consent).model_dump(),
        recorded_at=moment(stated.recorded_at),
        nid=stated.nid,
        source=cast(Any, stated.source),
        message_id=stated.message_id,
        evidence=evidence if shown else masked_value("", evidence, of_person=True),
        actor=stated.actor,
    )


def _token(list_name: str, cursor: str) -> str:
    place = place_of(list_name, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])


def _cursor(list_name: str, token: str) -> str | None:
    return cursor_of(list_name, token) if token else None
