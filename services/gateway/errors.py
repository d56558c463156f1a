"""Every failure the gateway promises; a docstring says what to do, and /docs/errors shows it."""

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


class OtherOrigin(PermissionDenied):
    """A signed-in browser may change things from the gateway's own pages only; use a secret key elsewhere."""

    reason = "OTHER_ORIGIN"


class NotSignedIn(Unauthenticated):
    """Sign in again: the session has ended."""

    reason = "NOT_SIGNED_IN"


class SignInFailed(Unauthenticated):
    """Check e-mail address and password. We do not say which of them is wrong."""

    reason = "SIGN_IN_FAILED"


class SignInTooOften(TooManyRequests):
    """Wait as long as `Retry-After` says, then try again."""

    reason = "SIGN_IN_TOO_OFTEN"


class FreshSignInNeeded(PermissionDenied):
    """Show again who you are (POST /v1/session/renewal), then repeat the request within ten minutes."""

    reason = "FRESH_SIGN_IN_NEEDED"


class OwnSignInNeeded(PermissionDenied):
    """Sign in with your own password or passkey: single sign-on opens one tenant and not your account."""

    reason = "OWN_SIGN_IN_NEEDED"


class SecondFactorRequired(PermissionDenied):
    """This tenant asks its teammates for a second factor: set one up at /account, or use a passkey."""

    reason = "SECOND_FACTOR_REQUIRED"


class CodeNotValid(Unauthenticated):
    """Send the code the authenticator app shows now; each is good once. Or use a recovery code."""

    reason = "CODE_NOT_VALID"


class TicketNotValid(InvalidArgument):
    """It was used, or is too old: start again."""

    reason = "TICKET_NOT_VALID"


class PasswordNotGood(InvalidArgument):
    """Choose another one: at least 8 characters (15 are better), not a common one, not your own name."""

    reason = "PASSWORD_NOT_GOOD"


class PasskeyNotValid(Unauthenticated):
    """The passkey is not known here, or its answer was not for this sign-in: start again."""

    reason = "PASSKEY_NOT_VALID"


class PasskeyNotFound(NotFound):
    """Check the passkey's id; GET /v1/account/passkeys lists yours."""

    reason = "PASSKEY_NOT_FOUND"


class TooManyPasskeys(Conflict):
    """Remove a passkey that you do not use any more first."""

    reason = "TOO_MANY_PASSKEYS"


class SessionNotFound(NotFound):
    """Check the session's id; it may have ended already."""

    reason = "SESSION_NOT_FOUND"


class SecondFactorOn(Conflict):
    """An authenticator app is set up: remove it first to set up another one."""

    reason = "SECOND_FACTOR_ON"


class SecondFactorOff(Conflict):
    """Set up an authenticator app first."""

    reason = "SECOND_FACTOR_OFF"


class EmailTaken(Conflict):
    """Another account signs in with this address."""

    reason = "EMAIL_TAKEN"


class SingleSignOnOff(NotFound):
    """No tenant has single sign-on for this address: sign in with your password or passkey."""

    reason = "SINGLE_SIGN_ON_OFF"


class SingleSignOnFailed(Unauthenticated):
    """Start again from the sign-in page. If it stays, show `detail` to whoever runs your single sign-on."""

    reason = "SINGLE_SIGN_ON_FAILED"


class DomainNotProven(PermissionDenied):
    """Only a teammate whose own address is in a domain names it for single sign-on; public ones never are."""

    reason = "DOMAIN_NOT_PROVEN"


class AddressNotReachable(InvalidArgument):
    """We fetch from public https:// addresses only, without redirects: check the URL and its server."""

    reason = "ADDRESS_NOT_REACHABLE"


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


class ProfileNotFound(NotFound):
    """Check the profile's id. An event needs a moment after acceptance before its profile exists."""

    reason = "PROFILE_NOT_FOUND"


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


class FileTooLarge(InvalidArgument):
    """Send a smaller file, or several: `facts` has the limit. Nothing of this one was kept."""

    reason = "FILE_TOO_LARGE"

    @property
    def http_status(self) -> int:
        return 413


class FileNotTaken(InvalidArgument):
    """Send a CSV, JSON lines or Parquet file, plain or as gzip; the detail says what was found instead."""

    reason = "FILE_NOT_TAKEN"


class FileNotReadable(InvalidArgument):
    """Correct the file as the detail says, or name its format, encoding or delimiter, then send it again."""

    reason = "FILE_NOT_READABLE"


class ImportNotFound(NotFound):
    """Check the import's id; it belongs to one tenant only."""

    reason = "IMPORT_NOT_FOUND"


class ImportNotReady(Conflict):
    """Do the step before first: create, send the file, wait until it was read, map its columns, start."""

    reason = "IMPORT_NOT_READY"


class ImportStarted(Conflict):
    """An import that has been started does not change any more; make another one of the same file."""

    reason = "IMPORT_STARTED"


class TooManyImports(Conflict):
    """Start or delete imports whose files wait, then send another file."""

    reason = "TOO_MANY_IMPORTS"


class ImportMappingNotValid(InvalidArgument):
    """Change the mapping as the detail says; `columns` of the import lists what the file has."""

    reason = "IMPORT_MAPPING_NOT_VALID"


class FileNotThere(NotFound):
    """The file was never stored, or its days are over and it was deleted."""

    reason = "FILE_NOT_THERE"


class FilesUnavailable(Unavailable):
    """The file storage does not answer. Nothing is lost: wait for `Retry-After`, try again."""

    reason = "FILES_UNAVAILABLE"


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


class PartnerNotFound(NotFound):
    """Check the client id; the partner may have been closed."""

    reason = "PARTNER_NOT_FOUND"


class GrantNotFound(NotFound):
    """Check the client id; GET /v1/partners/grants lists what is granted."""

    reason = "GRANT_NOT_FOUND"


class StreamBusy(Unavailable):
    """Events come faster than they can be stored. Nothing was taken: wait for `Retry-After`, send again."""

    reason = "STREAM_BUSY"


class GatewayBusy(Unavailable):
    """The gateway is short of memory for a moment. Nothing was taken: wait for `Retry-After`, send again."""

    reason = "GATEWAY_BUSY"


class LooksPersonal(InvalidArgument):
    """The audit log keeps this text and holds no personal data: choose one without address or phone."""

    reason = "LOOKS_PERSONAL"


class TeammateNotFound(NotFound):
    """Check the teammate's id; GET /v1/teammates lists those of your tenant."""

    reason = "TEAMMATE_NOT_FOUND"


class LastOwner(Conflict):
    """A tenant keeps at least one owner: make somebody else an owner first."""

    reason = "LAST_OWNER"


class OwnersOnly(PermissionDenied):
    """Only an owner makes, changes or removes owners, or gives somebody that role: ask one."""

    reason = "OWNERS_ONLY"


class AlreadyTeammate(Conflict):
    """This address belongs to the tenant already; change the role at PATCH /v1/teammates/{id}."""

    reason = "ALREADY_TEAMMATE"


class AlreadyInvited(Conflict):
    """An invitation to this address is open: send its letter again, or revoke it first."""

    reason = "ALREADY_INVITED"


class TooManyInvitations(TooManyRequests):
    """A hundred invitations a day, and one letter a minute to the same address: wait, then try again."""

    reason = "TOO_MANY_INVITATIONS"


class InvitationNotFound(NotFound):
    """Check the invitation's id; it may have been accepted or revoked already."""

    reason = "INVITATION_NOT_FOUND"


class InvitationNotValid(NotFound):
    """The link was used, revoked, replaced by a newer one, or is older than seven days: ask for another."""

    reason = "INVITATION_NOT_VALID"


class InvitationOfAnother(PermissionDenied):
    """You are signed in with another address than the invitation's: sign out, then open the link again."""

    reason = "INVITATION_OF_ANOTHER"


class SignInFirst(Conflict):
    """There is an account with this address: sign in with it, then open the invitation again."""

    reason = "SIGN_IN_FIRST"


class OperatorOnly(PermissionDenied):
    """Only an operator of the platform may do this, signed in with a second factor."""

    reason = "OPERATOR_ONLY"


class OperatorNotFound(NotFound):
    """Check the id against GET /v1/operator/operators."""

    reason = "OPERATOR_NOT_FOUND"


class ImpersonationNotFound(NotFound):
    """Check the id; it may have ended already."""

    reason = "IMPERSONATION_NOT_FOUND"


class AlreadyActing(Conflict):
    """This session acts in a tenant already: end that first."""

    reason = "ALREADY_ACTING"


class NotWhileActing(PermissionDenied):
    """An operator who acts in a tenant may not do this; an owner or admin of the tenant may."""

    reason = "NOT_WHILE_ACTING"


class IdentifierNotUsable(InvalidArgument):
    """Send the identifier as your events name it; values such as "null" or "0" name nobody."""

    reason = "IDENTIFIER_NOT_USABLE"


class ConsentNotValid(InvalidArgument):
    """State each purpose once, granted or denied, at a time that is not in the future."""

    reason = "INVALID_CONSENT"


class SigningKeyNotFound(InvalidArgument):
    """Keep only keys that GET /v1/identity/verification lists; send any other as secret or public_key."""

    reason = "SIGNING_KEY_NOT_FOUND"


class ErasureNotFound(NotFound):
    """Check the erasure's id; it belongs to one tenant only."""

    reason = "ERASURE_NOT_FOUND"


class ExportNotFound(NotFound):
    """Check the export's id; it may have expired, or its person was erased. Make a new one."""

    reason = "EXPORT_NOT_FOUND"


class ExportNotReady(Conflict):
    """The file is still being made: watch its job, or ask again in a moment."""

    reason = "EXPORT_NOT_READY"


class NameNotConfirmed(InvalidArgument):
    """Type the tenant's name exactly as GET /v1/tenant shows it."""

    reason = "NAME_NOT_CONFIRMED"


class DeletionNotFound(NotFound):
    """Nobody asked for this tenant's deletion, or it was taken back."""

    reason = "DELETION_NOT_FOUND"


class DeletionHasBegun(Conflict):
    """The time to take it back is over."""

    reason = "DELETION_HAS_BEGUN"


class TenantClosing(Conflict):
    """The tenant is about to be deleted. An owner can take that back at DELETE /v1/tenant/deletion."""

    reason = "TENANT_CLOSING"


class InvalidLink(InvalidArgument):
    """Name two different identifiers, or at least one link; a call changes at most 1,000 links."""

    reason = "INVALID_LINK"


class IdentifierNotFound(NotFound):
    """Check the identifier's number (nid), as a profile's identifiers tell it."""

    reason = "IDENTIFIER_NOT_FOUND"


class LinkNotFound(NotFound):
    """These two identifiers were never linked. A profile's links tell both numbers of each."""

    reason = "LINK_NOT_FOUND"


class LedgerEntryNotFound(NotFound):
    """Check the entry's number; an entry of a change of rules names no links."""

    reason = "LEDGER_ENTRY_NOT_FOUND"


class LinkWithdrawn(Conflict):
    """This link was withdrawn, and stays so until it is restored."""

    reason = "LINK_WITHDRAWN"


class InvalidRules(InvalidArgument):
    """The text says which bound was broken. A profile has one user_id, always."""

    reason = "INVALID_RULES"


class RulesChanged(Conflict):
    """Somebody else has changed the rules since you read them. Read them again and repeat your change."""

    reason = "RULES_CHANGED"
