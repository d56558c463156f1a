"""Failures that are part of a contract, and their way through gRPC and HTTP.

    ExpectedError                 a promised failure: status + reason + facts
    ├── InvalidArgument           the request is wrong; says what to send instead
    ├── NotFound                  there is no such thing for this tenant
    ├── Unauthenticated           no credential, or not a valid one
    ├── PermissionDenied          the credential does not allow this
    ├── Conflict                  it cannot be done in the present state
    ├── TooManyRequests           over quota; `retry_after_seconds` says when
    └── Unavailable               a part we need is down; try again

Services derive their own; anything else that is raised is a bug and travels as INTERNAL without its text.
"""

from http import HTTPStatus
from typing import ClassVar

from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

DOMAIN = "nexus"

_HTTP_STATUS = {
    StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    StatusCode.OUT_OF_RANGE: HTTPStatus.BAD_REQUEST,
    StatusCode.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
    StatusCode.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    StatusCode.ABORTED: HTTPStatus.CONFLICT,
    StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    StatusCode.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
    StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
    StatusCode.CANCELLED: HTTPStatus.SERVICE_UNAVAILABLE,
}


class ExpectedError(Exception):
    """A failure a caller may rely on; `reason` is never renamed or reused."""

    status: ClassVar[StatusCode] = StatusCode.INTERNAL
    reason: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = {name: str(value) for name, value in facts.items()}

    @property
    def http_status(self) -> int:
        """The HTTP status that says the same."""
        return http_status(self.status)


class InvalidArgument(ExpectedError):
    status = StatusCode.INVALID_ARGUMENT
    reason = "INVALID_ARGUMENT"


class NotFound(ExpectedError):
    status = StatusCode.NOT_FOUND
    reason = "NOT_FOUND"


class Unauthenticated(ExpectedError):
    status = StatusCode.UNAUTHENTICATED
    reason = "UNAUTHENTICATED"


class PermissionDenied(ExpectedError):
    status = StatusCode.PERMISSION_DENIED
    reason = "PERMISSION_DENIED"


class Conflict(ExpectedError):
    status = StatusCode.FAILED_PRECONDITION
    reason = "CONFLICT"


class TooManyRequests(ExpectedError):
    status = StatusCode.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_REQUESTS"


class Unavailable(ExpectedError):
    status = StatusCode.UNAVAILABLE
    reason = "UNAVAILABLE"


class RemoteError(ExpectedError):
    """What another service answered; keeps its status, reason and facts."""

    def __init__(self, status: StatusCode, reason: str, message: str, facts: dict[str, str]) -> None:
        super().__init__(message, **facts)
        self.status = status  # type: ignore[misc]
        self.reason = reason  # type: ignore[misc]


def http_status(status: StatusCode) -> int:
    """The HTTP status for a gRPC status; 500 where the caller can do nothing."""
    return int(_HTTP_STATUS.get(status, HTTPStatus.INTERNAL_SERVER_ERROR))


def to_rich_status(error: ExpectedError) -> status_pb2.Status:
    """The error as google.rpc.Status with one ErrorInfo (AIP-193)."""
    info = any_pb2.Any()
    info.Pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.facts))
    return status_pb2.Status(code=error.status.value[0], message=error.message, details=[info])


def from_rich_status(code: StatusCode, text: str, rich: status_pb2.Status | None) -> RemoteError:
    """The error a caller sees; without details the reason is the status' own name."""
    reason, facts = code.name, {}
    for detail in rich.details if rich is not None else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            reason, facts = info.reason, dict(info.metadata)
    return RemoteError(code, reason, text, facts)


def problem(error: ExpectedError, *, instance: str = "", request_id: str = "") -> dict[str, object]:
    """The error as an RFC 9457 problem; `code` is its machine-readable reason."""
    body: dict[str, object] = {
        "type": f"/docs/errors#{error.reason}",
        "title": HTTPStatus(error.http_status).phrase,
        "status": error.http_status,
        "detail": error.message,
        "code": error.reason,
    }
    if error.facts:
        body["facts"] = error.facts
    if instance:
        body["instance"] = instance
    if request_id:
        body["request_id"] = request_id
    return body
