"""Failures about people, their consent and privacy, and the end of a tenant."""

from chassis.errors import (
    Conflict,
    InvalidArgument,
    NotFound,
)


class ProfileNotFound(NotFound):
    """Check the profile's id. An event needs a moment after acceptance before its profile exists."""

    reason = "PROFILE_NOT_FOUND"


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
