"""gRPC between services: signed tenants, deadlines, retries, promised errors, health, reflection, traces."""

# grpc's types are generic in its stubs only.
from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar, cast

import grpc
from grpc import StatusCode
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, Status
from opentelemetry.trace import StatusCode as SpanStatus
from prometheus_client import Histogram

from chassis.errors import ExpectedError, RemoteError, Unauthenticated, from_rich_status, to_rich_status
from chassis.telemetry import extract, inject, tracer
from chassis.tenancy import Caller, TokenSigner, TokenVerifier

log = logging.getLogger(__name__)

Reply = TypeVar("Reply")
Handler = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Any]]

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_TOKEN = "authorization"  # noqa: S105 - the name of a header
# Callable without a tenant: they say nothing about anybody.
_OPEN_SERVICES = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

_caller: contextvars.ContextVar[Caller] = contextvars.ContextVar("caller")
_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline", default=math.inf)

_RETRIES = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{}],
                "waitForReady": True,
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)

_calls = Histogram("rpc_server_seconds", "Time to answer a call", ["method", "status"])


def caller() -> Caller:
    """Who calls; only inside a servicer's method."""
    return _caller.get()


def tenant() -> str:
    """The tenant of the call in progress."""
    return _caller.get().tenant_id


def seconds_left() -> float:
    """How long the caller of the call in progress will still wait; infinite outside of calls."""
    return _deadline.get() - asyncio.get_running_loop().time()


class AddsItself(Protocol):
    """A servicer that knows how to register itself and what it is called."""

    service_name: str

    def add_to(self, server: grpc.aio.Server) -> None: ...


class _Door(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Verifies the caller, sets its tenant, and turns promised failures into statuses."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any]]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any]:
        handler: Any = await continuation(handler_call_details)  # None: there is no such method
        method = str(handler_call_details.method)
        if handler is None or method.startswith(_OPEN_SERVICES):
            return handler  # type: ignore[no-any-return]
        metadata = {key: value for key, value in handler_call_details.invocation_metadata}
        if handler.unary_unary is None:
            raise TypeError(f"{method}: only unary calls are supported")
        return grpc.unary_unary_rpc_method_handler(
            self._guard(method, metadata, cast(Handler, handler.unary_unary)),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _guard(self, method: str, metadata: dict[str, Any], answer: Handler) -> Handler:
        async def guarded(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            attached = otel_context.attach(extract(metadata))
            started = asyncio.get_running_loop().time()
            # None, whatever the stubs say, when the caller waits for ever.
            remaining = cast("float | None", context.time_remaining())
            _deadline.set(math.inf if remaining is None else started + remaining)
            status = "OK"
            try:
                with tracer().start_as_current_span(method.lstrip("/"), kind=SpanKind.SERVER) as span:
                    try:
                        header = str(metadata.get(_TOKEN, ""))
                        if not header.startswith("Bearer "):
                            raise Unauthenticated("A call between services needs a signed token.")
                        _caller.set(self._verifier.verify(header[7:]))
                        return await answer(request, context)
                    except ExpectedError as error:
                        status = error.status.name
                        span.set_status(Status(SpanStatus.ERROR, error.reason))
                        rich: Any = rpc_status.to_status(to_rich_status(error))
                        await context.abort(rich.code, rich.details, rich.trailing_metadata)
                    except (asyncio.CancelledError, grpc.aio.AbortError):
                        status = "CANCELLED"
                        raise
                    except Exception:
                        # Told to the log, not to the caller: its text may hold anything.
                        status = "INTERNAL"
                        log.exception("rpc_failed", extra={"method": method})
                        await context.abort(StatusCode.INTERNAL, "Something went wrong on our side.")
            finally:
                _calls.labels(method, status).observe(asyncio.get_running_loop().time() - started)
                otel_context.detach(attached)

        return guarded


@asynccontextmanager
async def serve(
    listen: str, servicers: Sequence[AddsItself], verifier: TokenVerifier, *, drain_seconds: float
) -> AsyncIterator[int]:
    """Answer calls until left, then finish those in progress; yields the bound port."""
    server = grpc.aio.server(
        interceptors=[_Door(verifier)],
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            # Two processes on one port would split calls between an old and a new one unseen.
            ("grpc.so_reuseport", 0),
        ],
    )
    status = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(status, server)  # type: ignore[no-untyped-call]
    for servicer in servicers:
        servicer.add_to(server)
    names = [servicer.service_name for servicer in servicers]
    reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    port = await _bind(server, listen)
    await server.start()
    for name in ["", *names]:
        await status.set(name, health_pb2.HealthCheckResponse.SERVING)
    try:
        yield port
    finally:
        await status.enter_graceful_shutdown()
        await server.stop(drain_seconds)


async def _bind(server: grpc.aio.Server, listen: str) -> int:
    """Bind, waiting for a predecessor that is still letting go of the port."""
    for attempt in range(50):
        try:
            return server.add_insecure_port(listen)
        except RuntimeError:
            if attempt == 49:
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("unreachable")


class RpcClient:
    """Calls one service for any tenant; waits for it while it restarts, within the deadline.

    A call that met a dying server is sent again: an RPC must be safe to repeat.
    """

    def __init__(self, address: str, audience: str, signer: TokenSigner) -> None:
        self._audience = audience
        self._signer = signer
        self.channel = grpc.aio.insecure_channel(
            address,
            options=[
                ("grpc.service_config", _RETRIES),
                ("grpc.enable_retries", 1),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.min_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 1000),
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ],
        )

    async def call(
        self,
        method: Callable[..., Awaitable[Reply]],
        request: object,
        *,
        tenant_id: str,
        timeout_seconds: float = 10,
    ) -> Reply:
        """Call a stub's method; a failure of the other side is raised as RemoteError with its reason."""
        metadata = {_TOKEN: "Bearer " + self._signer.token(self._audience, tenant_id)}
        name = getattr(method, "_method", b"")
        with tracer().start_as_current_span(name.decode().lstrip("/") or "rpc", kind=SpanKind.CLIENT):
            inject(metadata)
            try:
                return await method(
                    request, timeout=timeout_seconds, metadata=tuple(metadata.items()), wait_for_ready=True
                )
            except grpc.aio.AioRpcError as error:
                raise _remote_error(error) from error

    async def close(self) -> None:
        await self.channel.close(None)


def _remote_error(error: grpc.aio.AioRpcError) -> RemoteError:
    try:
        rich = rpc_status.from_call(error)  # type: ignore[arg-type]
    except ValueError:  # the details contradict the status: something between us and the service answered
        rich = None
    return from_rich_status(error.code(), error.details() or "", rich)


@asynccontextmanager
async def rpc_client(address: str, audience: str, signer: TokenSigner) -> AsyncIterator[RpcClient]:
    """A client that is closed when left."""
    client = RpcClient(address, audience, signer)
    try:
        yield client
    finally:
        await client.close()
