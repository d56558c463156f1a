"""Failures of requests: what is wrong with them, their keys and quotas, or with us."""

from chassis.errors import (
    Conflict,
    ExpectedError,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)


class RequestNotValid(InvalidArgument):
    """Correct the fields named in `errors`: each has a JSON pointer to its place and what is expected."""

    reason = "REQUEST_NOT_VALID"


class CursorNotValid(InvalidArgument):
    """Send `next_cursor` of the page before unchanged, with the same filters, or start without a cursor."""

    reason = "CURSOR_NOT_VALID"


class KeyMissing(Unauthenticated):
    """Send your secret key as `Authorization: Bearer sk_live_…`, or as the user name of HTTP Basic."""

    reason = "KEY_MISSING"


class KeyNotKnown(Unauthenticated):
    """Check that the key was copied whole and was not revoked; GET /v1/keys lists those in force."""

    reason = "KEY_NOT_KNOWN"


class SecretKeyRequired(PermissionDenied):
    """A browser key only sends events. Use a secret key (sk_live_…), and only from a server."""

    reason = "SECRET_KEY_REQUIRED"


class NotAllowed(PermissionDenied):
    """Ask an owner or admin of the tenant, or use a key with the scope named in `facts`."""

    reason = "NOT_ALLOWED"


class OperatorKeyNotValid(Unauthenticated):
    """Only the platform's operator may do this, with the operator key of the installation."""

    reason = "OPERATOR_KEY_NOT_VALID"


class IdempotencyKeyMissing(InvalidArgument):
    """Send an `Idempotency-Key` header (any text up to 255 characters), the same again when you retry."""

    reason = "IDEMPOTENCY_KEY_MISSING"


class IdempotencyKeyNotValid(InvalidArgument):
    """Choose an `Idempotency-Key` of 1 to 255 printable characters, such as a random UUID."""

    reason = "IDEMPOTENCY_KEY_NOT_VALID"


class RequestInProgress(Conflict):
    """The same request is being worked on: wait a second, then send it again to get its answer."""

    reason = "REQUEST_IN_PROGRESS"


class RequestOutcomeUnknown(Conflict):
    """The first request broke off. Look whether it took effect; then choose a new `Idempotency-Key`."""

    reason = "REQUEST_OUTCOME_UNKNOWN"


class IdempotencyKeyReused(Conflict):
    """This key was used for a different request. Choose a new one for a new request."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class IdempotencyKeyExpired(Conflict):
    """The request succeeded more than a day ago and its keys are not shown again; make new keys."""

    reason = "IDEMPOTENCY_KEY_EXPIRED"


class TenantNotFound(NotFound):
    """Check the tenant's id; only tenants you belong to can be chosen."""

    reason = "TENANT_NOT_FOUND"


class BadRowNotFound(NotFound):
    """Check the row's id; it belongs to one tenant only."""

    reason = "BAD_ROW_NOT_FOUND"


class JobNotFound(NotFound):
    """Check the job's id; it belongs to one tenant only."""

    reason = "JOB_NOT_FOUND"


class KeyNotFound(NotFound):
    """Check the key's id; it may have been revoked already."""

    reason = "KEY_NOT_FOUND"


class PageNotFound(NotFound):
    """Check the path against /docs."""

    reason = "PAGE_NOT_FOUND"


class MethodNotAllowed(InvalidArgument):
    """The path exists but not with this method; see the `Allow` header and /docs."""

    reason = "METHOD_NOT_ALLOWED"

    @property
    def http_status(self) -> int:
        return 405


class TooManyFeeds(TooManyRequests):
    """Close a live feed that is not needed any more; each tenant may have a few open at once."""

    reason = "TOO_MANY_FEEDS"


class WentWrong(ExpectedError):
    """Our fault, and noted. Try again later; quote `request_id` when you ask us."""

    reason = "WENT_WRONG"


class ServiceAway(Unavailable):
    """A part of the platform is away. Nothing is lost: wait for `Retry-After`, try again."""

    reason = "SERVICE_AWAY"


class BodyNotJson(InvalidArgument):
    """Send one JSON object, UTF-8. NaN and Infinity are no JSON: send null instead."""

    reason = "BODY_NOT_JSON"


class BatchNotValid(InvalidArgument):
    """Send `{"batch": [event, …]}`, each event with its `type`."""

    reason = "BATCH_NOT_VALID"


class BodyNotGzip(InvalidArgument):
    """The body says that it is gzip and is not, or it ends too early; send it again."""

    reason = "BODY_NOT_GZIP"


class EncodingNotSupported(InvalidArgument):
    """Send the body plain or with `Content-Encoding: gzip`."""

    reason = "ENCODING_NOT_SUPPORTED"

    @property
    def http_status(self) -> int:
        return 415


class RequestTooLarge(InvalidArgument):
    """Send less at once: `facts` has the limit. 500 KB (unpacked) and 1,500 events to the tracking API."""

    reason = "REQUEST_TOO_LARGE"

    @property
    def http_status(self) -> int:
        return 413


class RequestTooSlow(InvalidArgument):
    """The body did not arrive in time; send it again."""

    reason = "REQUEST_TOO_SLOW"

    @property
    def http_status(self) -> int:
        return 408


class OriginNotAllowed(PermissionDenied):
    """Add the page's origin to the write key, or use a key that allows it."""

    reason = "ORIGIN_NOT_ALLOWED"


class QuotaExceeded(TooManyRequests):
    """Wait as long as `Retry-After` says, then send the same again; ask the operator for a larger quota."""

    reason = "QUOTA_EXCEEDED"


class TooManyCalls(TooManyRequests):
    """Wait as long as `Retry-After` says. `RateLimit` in every answer says how many calls are left."""

    reason = "TOO_MANY_CALLS"


class StreamBusy(Unavailable):
    """Events come faster than they can be stored. Nothing was taken: wait for `Retry-After`, send again."""

    reason = "STREAM_BUSY"


class GatewayBusy(Unavailable):
    """The gateway is short of memory for a moment. Nothing was taken: wait for `Retry-After`, send again."""

    reason = "GATEWAY_BUSY"
