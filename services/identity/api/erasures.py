"""Calls that erase: a person, and all of a tenant."""

import uuid
from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import tenant
from services.identity.commands import Command, CommandQueue
from services.identity.domain.identifiers import Kind
from services.identity.erasure_ledger import ErasureLedger
from services.identity.erasures import ERASE, FORGET_TENANT
from services.identity.errors import (
    ErasureNotFound,
    IdentifierNotUsable,
    InvalidCommandId,
    ProfileNotFound,
)
from services.identity.paging import page_size, place_of, token_of
from services.identity.store import Database
from services.identity.store.queries.forgetting import delete_rest
from services.identity.store.queries.shown_erasures import ShownErasure, load_erasure, load_erasures

_LIST = "erasures"
_MAX_NID = 2**31 - 1
_TOKEN_FORM = b"e1:"
_KINDS = frozenset(map(int, Kind))

Context = grpc.aio.ServicerContext[Any, Any]


class ErasuresApi:
    """Erase, GetErasure, ListErasures, ForgetTenant."""

    _database: Database
    _commands: CommandQueue
    _ledger: ErasureLedger

    async def Erase(self, request: messages.EraseRequest, context: Context) -> messages.EraseResponse:
        erasure_id = _uuid(request.erasure_id)
        kind, value = int(request.identifier.kind), request.identifier.value
        if not value and not 0 < request.profile_id <= _MAX_NID:
            raise ProfileNotFound("There is no profile with this id.", profile_id=request.profile_id)
        if value and kind not in _KINDS:
            raise IdentifierNotUsable("There is no such kind of identifier.", kind=kind)
        body = {"suppress": request.suppress, "profile_id": 0, "kind": 0, "value": ""}
        body |= {"kind": kind, "value": value} if value else {"profile_id": request.profile_id}
        await self._commands.run(Command(tenant(), erasure_id, ERASE, body, request.actor))
        return messages.EraseResponse(erasure=_erasure(await self._erasure(erasure_id)))

    async def GetErasure(
        self, request: messages.GetErasureRequest, context: Context
    ) -> messages.GetErasureResponse:
        return messages.GetErasureResponse(erasure=_erasure(await self._erasure(_uuid(request.erasure_id))))

    async def ListErasures(
        self, request: messages.ListErasuresRequest, context: Context
    ) -> messages.ListErasuresResponse:
        size = page_size(request.page_size)
        before = place_of(_LIST, request.page_token)
        # One more than asked for tells whether there is another page.
        found = await load_erasures(self._database, tenant(), before=before, size=size + 1)
        page = found[:size]
        token = token_of(_LIST, page[-1].entry) if len(found) > size else ""
        return messages.ListErasuresResponse(
            erasures=[_erasure(each) for each in page], next_page_token=token
        )

    async def ForgetTenant(
        self, request: messages.ForgetTenantRequest, context: Context
    ) -> messages.ForgetTenantResponse:
        command = Command(tenant(), _uuid(request.deletion_id), FORGET_TENANT, {})
        # First: a database that is restored from before must forget the tenant again.
        await self._ledger.write_forgotten(tenant(), command.command_id)
        result = await self._commands.run(command)
        if result["done"]:
            # The last that names the tenant; repeated, the command finds nothing and announces it again.
            await delete_rest(self._database, tenant())
        return messages.ForgetTenantResponse(done=result["done"])

    async def _erasure(self, erasure_id: str) -> ShownErasure:
        found = await load_erasure(self._database, tenant(), erasure_id)
        if found is None:
            raise ErasureNotFound("There is no such erasure.", erasure_id=erasure_id)
        return found


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise InvalidCommandId("This id must be a UUID.") from error


def _erasure(erasure: ShownErasure) -> messages.Erasure:
    return messages.Erasure(
        erasure_id=erasure.erasure_id,
        profile_id=erasure.profile_id,
        nids=erasure.nids,
        fingerprints=erasure.fingerprints,
        requested_at=_timestamp(erasure.requested_at_ms),
        actor=erasure.actor,
        suppressed=erasure.suppressed,
        announced_at_position=erasure.announced_at,
        files_clean_at=None if erasure.files_clean_at_ms is None else _timestamp(erasure.files_clean_at_ms),
    )


def _timestamp(milliseconds: int) -> Timestamp:
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000)
