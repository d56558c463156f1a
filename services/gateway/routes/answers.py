"""Answers that several routes give, and how they come from what services answered."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, Field

from services.gateway.domain.masking import Sight, masked_event, masked_identifier, masked_text, masked_value
from services.gateway.live import kind_name


class AsOf(BaseModel):
    """Answers with the same position have the same numbers. 相同 position 的數字必相同"""

    as_of: datetime | None = Field(description="Everything received up to then is counted; null: nothing yet")
    position: int


class Money(BaseModel):
    amount: str = Field(description="Exact decimal text")
    currency: str


class Identifier(BaseModel):
    nid: int
    kind: Literal["user_id", "email", "phone", "line_id", "external_id", "anonymous_id", "unspecified"]
    value: str
    first_seen_at: datetime | None


class Trait(BaseModel):
    name: str
    value: Any
    set_at: datetime | None


class Totals(BaseModel):
    events: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    orders: int
    revenue: Money
    unconverted_orders: int = Field(description="Orders in currencies without a rate; not in `revenue`")


class Profile(BaseModel):
    """One person who visits or buys."""

    id: int
    member: bool
    first_seen_at: datetime | None
    identifiers: list[Identifier]
    traits: list[Trait]
    totals: Totals


class Event(BaseModel):
    kind: str
    name: str
    occurred_at: datetime | None
    received_at: datetime | None
    message_id: str
    nid: int
    channel: str
    payload: Any = Field(description="The event as sent")


def moment(stamp: Timestamp) -> datetime | None:
    """None for a time that is not set."""
    if not stamp.seconds and not stamp.nanos:
        return None
    return stamp.ToDatetime(UTC)


def as_of(watermark: insight_pb.Watermark) -> dict[str, Any]:
    """The fields of AsOf."""
    reached = moment(watermark.as_of) if watermark.HasField("as_of") else None
    return {"as_of": reached, "position": watermark.position}


def profile(known: identity_pb.Profile, summary: insight_pb.ProfileSummary, sight: Sight) -> Profile:
    """What identity knows of somebody, with what insight has counted."""
    shown = sight.sees(known.profile_id)
    return Profile(
        id=known.profile_id,
        member=known.member,
        first_seen_at=moment(known.first_seen_at),
        identifiers=[identifier(one, shown=shown) for one in known.identifiers],
        traits=[_trait(trait, shown=shown) for trait in summary.traits],
        totals=Totals(
            events=summary.events,
            first_seen_at=moment(summary.first_seen_at),
            last_seen_at=moment(summary.last_seen_at),
            orders=summary.orders,
            revenue=Money(amount=summary.revenue.amount or "0", currency=summary.revenue.currency),
            unconverted_orders=summary.unconverted_orders,
        ),
    )


def _trait(trait: insight_pb.Trait, *, shown: bool) -> Trait:
    value = _json(trait.value_json)
    return Trait(
        name=trait.name,
        value=value if shown else masked_value(trait.name, value, of_person=True),
        set_at=moment(trait.set_at),
    )


def identifier(known: identity_pb.Identifier, *, shown: bool) -> Identifier:
    kind = identifier_kind(known.kind)
    return Identifier(
        nid=known.nid,
        kind=kind,
        value=known.value if shown else masked_identifier(kind, known.value),
        first_seen_at=moment(known.first_seen_at),
    )


def timeline(events: Iterable[insight_pb.Event], *, shown: bool) -> list[Event]:
    """Events as insight listed them, or without personal data."""
    return [
        Event(
            kind=kind_name(event.kind),
            name=event.name if shown else masked_text(event.name),
            occurred_at=moment(event.occurred_at),
            received_at=moment(event.received_at),
            message_id=event.message_id,
            nid=event.nid,
            channel=event.channel,
            payload=_json(event.payload_json) if shown else masked_event(_json(event.payload_json)),
        )
        for event in events
    ]


def identifier_kind(kind: gateway_pb.IdentifierKind.ValueType) -> Any:
    return gateway_pb.IdentifierKind.Name(kind).removeprefix("IDENTIFIER_KIND_").lower()


def _json(text: str) -> Any:
    # Numbers JSON has no word for (NaN) would make the whole answer unreadable.
    return json.loads(text, parse_constant=lambda _: None) if text else None
