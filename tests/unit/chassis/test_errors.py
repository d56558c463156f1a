"""A promised failure keeps its status, reason and facts on every way out."""

import pytest
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc import StatusCode

from chassis.errors import (
    Conflict,
    ExpectedError,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    from_rich_status,
    http_status,
    problem,
    to_rich_status,
)


class SegmentTooLarge(Conflict):
    reason = "SEGMENT_TOO_LARGE"


def test_a_failure_crosses_services_unchanged() -> None:
    sent = SegmentTooLarge("more members than one send allows", members=12, limit=10)
    rich = to_rich_status(sent)
    received = from_rich_status(StatusCode.FAILED_PRECONDITION, rich.message, rich)
    assert (received.status, received.reason) == (sent.status, "SEGMENT_TOO_LARGE")
    assert (received.message, received.facts) == (sent.message, {"members": "12", "limit": "10"})
    # The details are packed, and the order of a packed map is anything.
    passed_on = from_rich_status(StatusCode.FAILED_PRECONDITION, rich.message, to_rich_status(received))
    assert (passed_on.status, passed_on.reason, passed_on.facts) == (sent.status, sent.reason, received.facts)


def test_a_bare_status_is_its_own_reason() -> None:
    received = from_rich_status(StatusCode.DEADLINE_EXCEEDED, "too late", None)
    assert (received.reason, received.http_status) == ("DEADLINE_EXCEEDED", 504)


def test_details_that_nobody_knows_are_passed_over() -> None:
    rich = status_pb2.Status(code=5, details=[any_pb2.Any(type_url="type.googleapis.com/what", value=b"?")])
    assert from_rich_status(StatusCode.NOT_FOUND, "", rich).reason == "NOT_FOUND"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidArgument, 400),
        (Unauthenticated, 401),
        (PermissionDenied, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooManyRequests, 429),
        (Unavailable, 503),
    ],
)
def test_each_family_has_its_http_status(error: type[ExpectedError], status: int) -> None:
    assert error("").http_status == status


def test_every_grpc_status_has_an_http_status_that_is_an_error() -> None:
    assert {
        status for status in StatusCode if status is not StatusCode.OK and http_status(status) < 400
    } == set()


def test_a_problem_is_complete() -> None:
    error = SegmentTooLarge("too many", members=12)
    assert problem(error, instance="/v1/segments/7", request_id="r1") == {
        "type": "/docs/errors#SEGMENT_TOO_LARGE",
        "title": "Conflict",
        "status": 409,
        "detail": "too many",
        "code": "SEGMENT_TOO_LARGE",
        "facts": {"members": "12"},
        "instance": "/v1/segments/7",
        "request_id": "r1",
    }
