"""What tests of consent, suppression and reachability ask of identity, and what they see on the bus."""

import uuid
from collections.abc import Sequence

from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as messages

from tests.service.identity.cell import Event, Gateway, accepted

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
PHONE = gateway_events.IDENTIFIER_KIND_PHONE
LINE_ID = gateway_events.IDENTIFIER_KIND_LINE_ID
USER_ID = gateway_events.IDENTIFIER_KIND_USER_ID
ANONYMOUS_ID = gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID
STATED = gateway_events.CONSENT_BASIS_STATED
GPC = gateway_events.CONSENT_BASIS_GPC
UNSUBSCRIBED = gateway_events.CONSENT_BASIS_UNSUBSCRIBED
GRANTED = messages.CONSENT_STATE_GRANTED
DENIED = messages.CONSENT_STATE_DENIED


def saying(event: Event, **purposes: bool) -> bytes:
    """A message of one event that states consents."""
    message = accepted([event])
    for purpose, granted in purposes.items():
        message.consents.add(row=0, purpose=purpose, granted=granted, basis=STATED)
    return message.SerializeToString()


def reporting(event: Event, kind: gateway_events.IdentifierKind, value: str, *, deliverable: bool) -> bytes:
    """A message of one event that says whether messages to an address arrive."""
    message = accepted([event])
    message.address_reports.add(row=0, kind=kind, value=value, deliverable=deliverable)
    return message.SerializeToString()


async def consents(gateway: Gateway, profile_id: int) -> messages.GetConsentsResponse:
    request = messages.GetConsentsRequest(profile_id=profile_id)
    return await gateway.client.call(gateway.stub.GetConsents, request, tenant_id=gateway.tenant_id)


async def states(gateway: Gateway, profile_id: int) -> dict[str, int]:
    return {one.purpose: one.state for one in (await consents(gateway, profile_id)).consents}


async def channels(gateway: Gateway, profile_id: int) -> dict[str, str]:
    """Channel → "" when it reaches the profile, or why not."""
    return {one.channel: one.reason for one in (await consents(gateway, profile_id)).channels}


async def put(
    gateway: Gateway, profile_id: int, evidence: str = "{}", command_id: str = "", **purposes: int
) -> messages.PutConsentsResponse:
    request = messages.PutConsentsRequest(
        command_id=command_id or str(uuid.uuid4()),
        profile_id=profile_id,
        consents=[
            messages.Consent(purpose=purpose, state=state)  # type: ignore[arg-type]
            for purpose, state in purposes.items()
        ],
        evidence_json=evidence,
        actor="teammate:1",
    )
    return await gateway.client.call(gateway.stub.PutConsents, request, tenant_id=gateway.tenant_id)


async def statements(
    gateway: Gateway, profile_id: int, **page: object
) -> messages.ListConsentStatementsResponse:
    request = messages.ListConsentStatementsRequest(profile_id=profile_id, **page)  # type: ignore[arg-type]
    return await gateway.client.call(gateway.stub.ListConsentStatements, request, tenant_id=gateway.tenant_id)


def _names(named: Sequence[tuple[gateway_events.IdentifierKind, str]]) -> list[messages.IdentifierName]:
    return [messages.IdentifierName(kind=kind, value=value) for kind, value in named]


async def suppress(gateway: Gateway, *named: tuple[gateway_events.IdentifierKind, str]) -> int:
    request = messages.SuppressRequest(
        command_id=str(uuid.uuid4()), identifiers=_names(named), reason="asked by phone", actor="teammate:1"
    )
    answer = await gateway.client.call(gateway.stub.Suppress, request, tenant_id=gateway.tenant_id)
    return int(answer.added)


async def unsuppress(gateway: Gateway, *named: tuple[gateway_events.IdentifierKind, str]) -> int:
    request = messages.UnsuppressRequest(
        command_id=str(uuid.uuid4()), identifiers=_names(named), actor="teammate:1"
    )
    answer = await gateway.client.call(gateway.stub.Unsuppress, request, tenant_id=gateway.tenant_id)
    return int(answer.removed)


async def suppressions(gateway: Gateway, **page: object) -> messages.ListSuppressionsResponse:
    request = messages.ListSuppressionsRequest(**page)  # type: ignore[arg-type]
    return await gateway.client.call(gateway.stub.ListSuppressions, request, tenant_id=gateway.tenant_id)


async def announced(gateway: Gateway) -> list[tuple[int, dict[str, str]]]:
    """Every reachability on the bus, in order: profile, and its channels as in `channels`."""
    subject = f"identity.reachability.changed.v1.{gateway.tenant_id}"
    stored = await gateway.stored(gateway.reader, "IDENTITY", subject)
    found = []
    for message in stored:
        for one in identity_events.ReachabilityChanged.FromString(message.data).profiles:
            for reach in one.channels:
                assert reach.reachable == (not reach.reason)
            found.append((one.profile_id, {reach.channel: reach.reason for reach in one.channels}))
    return found
