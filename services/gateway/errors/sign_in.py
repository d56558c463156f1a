"""Failures of signing in, of accounts and of single sign-on."""

from chassis.errors import (
    Conflict,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
)


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
    """We fetch from public https:// addresses only, few redirects or none: check the URL and its server."""

    reason = "ADDRESS_NOT_REACHABLE"
