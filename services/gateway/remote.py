"""Asking another service; one that is away becomes a 503 the caller can wait for."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from grpc import StatusCode

from chassis.errors import RemoteError
from chassis.rpc import RpcClient
from services.gateway.errors.requests import CursorNotValid, ServiceAway

log = logging.getLogger(__name__)

Reply = TypeVar("Reply")

_AWAY = (StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.CANCELLED)
# What they refuse so is the gateway itself, whoever asked.
_REFUSED_US = (StatusCode.UNAUTHENTICATED, StatusCode.PERMISSION_DENIED)
# A caller sees page tokens inside cursors only.
_NO_PAGE_TOKEN = ("INVALID_PAGE_TOKEN", "PAGE_TOKEN_NOT_VALID")
# A person waits for the answer; a service that restarts is back sooner.
TIMEOUT_SECONDS = 8.0


class Remote:
    """What every client of a service is."""

    def __init__(self, client: RpcClient, name: str) -> None:
        self._client = client
        self._name = name

    async def _ask(
        self,
        method: Callable[..., Awaitable[Reply]],
        request: object,
        tenant_id: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Reply:
        try:
            return await self._client.call(
                method, request, tenant_id=tenant_id, timeout_seconds=timeout_seconds
            )
        except RemoteError as error:
            if error.status in _AWAY:
                raise ServiceAway(
                    f"{self._name} does not answer at the moment.", service=self._name
                ) from error
            if error.status in _REFUSED_US:
                log.error("remote_refused_us", extra={"remote": self._name, "reason": error.reason})
                raise ServiceAway("Something went wrong on our side.", service=self._name) from error
            if error.reason in _NO_PAGE_TOKEN:
                raise CursorNotValid("The cursor belongs to another list.") from error
            raise
