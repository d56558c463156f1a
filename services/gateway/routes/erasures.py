"""Forgetting a person: asking for it, and its receipt."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator

from chassis.database import open_transaction
from chassis.errors import ExpectedError, RemoteError
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.erasures import ERASE
from services.gateway.errors.people import ErasureNotFound, IdentifierNotUsable, ProfileNotFound
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf, Storable
from services.gateway.store import duties

router = APIRouter(tags=["privacy"])

# Time for identity to answer before the gateway looks by itself whether it did.
_UNKNOWN = timedelta(seconds=30)
_REFUSALS: dict[str, type[ExpectedError]] = {
    "PROFILE_NOT_FOUND": ProfileNotFound,
    "IDENTIFIER_NOT_USABLE": IdentifierNotUsable,
}
_KIND = Literal["user_id", "email", "phone", "line_id", "external_id", "anonymous_id"]


class IdentifierName(Body):
    kind: _KIND
    value: Annotated[str, Field(min_length=1, max_length=512), Storable]


class ErasureOrder(Body):
    """Whom to forget: a profile, or whoever has an identifier."""

    profile_id: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    identifier: IdentifierName | None = None
    suppress: bool = Field(False, description="Also drop whatever their identifiers send from now on")

    @model_validator(mode="after")
    def _one(self) -> "ErasureOrder":
        if (self.profile_id is None) == (self.identifier is None):
            raise ValueError("give either profile_id or identifier")
        return self


class ErasureAnswer(BaseModel):
    id: str
    profile_id: int | None = Field(description="null: nobody had the identifier")
    identifiers: int = Field(description="How many were erased")
    requested_at: datetime
    requested_by: str
    suppressed: bool
    closes_at: datetime = Field(description="By then the last store is done")


class StoreAnswer(BaseModel):
    """One place that held the person."""

    store: Literal[
        "identity",
        "gateway",
        "insight",
        "recommender",
        "campaign",
        "identity_files",
        "gateway_files",
        "insight_files",
        "repeated_requests",
        "import_files",
        "bus",
        "logs",
        "backups",
    ]
    state: Literal["done", "due"]
    done_at: datetime | None = Field(description="null while due, and where only the fact is known")
    due_at: datetime | None


class Receipt(ErasureAnswer):
    state: Literal["open", "closed"]
    stores: list[StoreAnswer]


class ErasureList(BaseModel):
    erasures: list[ErasureAnswer]
    next_cursor: str | None


@router.post("/v1/erasures", status_code=202, summary="Forget a person 刪除個人資料")
async def make_erasure(
    body: ErasureOrder, principal: Caller, command_id: CommandId, parts: PartsOf
) -> ErasureAnswer:
    """Nothing shows them any more within 60 s; the receipt says store by store when nothing holds them.

    The same person coming back is somebody new. What was recorded before and arrives later stays away.
    """
    tenant_id = principal.tenant_id
    # First, and without the identifier: whatever becomes of this request, what identity has erased is
    # erased here too.
    async with open_transaction(parts.engine, tenant_id) as connection:
        await duties.add_duty(
            connection,
            tenant_id,
            ERASE,
            {"erasure_id": command_id},
            due_at=datetime.now(UTC) + _UNKNOWN,
            duty_id=command_id,
        )
    request = identity_pb.EraseRequest(
        erasure_id=command_id, profile_id=body.profile_id or 0, suppress=body.suppress, actor=principal.name
    )
    if body.identifier is not None:
        kind = f"IDENTIFIER_KIND_{body.identifier.kind.upper()}"
        request.identifier.kind = gateway_pb.IdentifierKind.Value(kind)
        request.identifier.value = body.identifier.value
    try:
        erasure = await parts.clients.identity.erase(tenant_id, request)
    except RemoteError as error:
        if error.reason not in _REFUSALS:
            raise
        async with open_transaction(parts.engine, tenant_id) as connection:
            await duties.drop_duty(connection, command_id)
        raise _REFUSALS[error.reason](error.message) from error
    async with open_transaction(parts.engine, tenant_id) as connection:
        await duties.hurry(connection, command_id)
        after = {"identifiers": len(erasure.nids), "suppressed": erasure.suppressed}
        await parts.audit.record(
            connection, principal.did("erasure.made", f"erasure:{command_id}", after=after)
        )
    return _answer(parts, erasure)


@router.get("/v1/erasures", summary="Erasures, newest first 刪除紀錄")
async def list_erasures(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ErasureList:
    place = place_of("erasures", cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = identity_pb.ListErasuresRequest(page_size=limit, page_token=str(place[0]))
    found = await parts.clients.identity.list_erasures(principal.tenant_id, request)
    token = found.next_page_token
    return ErasureList(
        erasures=[_answer(parts, erasure) for erasure in found.erasures],
        next_cursor=cursor_of("erasures", token) if token else None,
    )


@router.get("/v1/erasures/{erasure_id}", summary="The receipt of an erasure 刪除回執")
async def get_erasure(erasure_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Receipt:
    """Looked up in every store as you ask; it closes when the last one, the backups, is done."""
    erasure = await parts.clients.identity.get_erasure(principal.tenant_id, str(erasure_id))
    if erasure is None:
        raise ErasureNotFound("There is no such erasure.")
    states = await parts.receipts.states(principal.tenant_id, erasure)
    stores: list[dict[str, Any]] = [
        {
            "store": each.store,
            "state": "done" if each.done else "due",
            "done_at": each.done_at,
            "due_at": each.due_at,
        }
        for each in states
    ]
    return Receipt(
        **_answer(parts, erasure).model_dump(),
        state="closed" if all(each.done for each in states) else "open",
        stores=[StoreAnswer(**each) for each in stores],
    )


def _answer(parts: PartsOf, erasure: identity_pb.Erasure) -> ErasureAnswer:
    return ErasureAnswer(
        id=erasure.erasure_id,
        profile_id=erasure.profile_id or None,
        identifiers=len(erasure.nids),
        requested_at=erasure.requested_at.ToDatetime(UTC),
        requested_by=erasure.actor,
        suppressed=erasure.suppressed,
        closes_at=parts.receipts.closes_at(erasure),
    )
