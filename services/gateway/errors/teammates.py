"""Failures about teammates, operators and partners."""

from chassis.errors import (
    Conflict,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TooManyRequests,
)


class PartnerNotFound(NotFound):
    """Check the client id; the partner may have been closed."""

    reason = "PARTNER_NOT_FOUND"


class GrantNotFound(NotFound):
    """Check the client id; GET /v1/partners/grants lists what is granted."""

    reason = "GRANT_NOT_FOUND"


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


class OwnersOpenShops(PermissionDenied):
    """Ask an owner of your shop, or the operator of the platform, to open the new one and invite you."""

    reason = "OWNERS_OPEN_SHOPS"


class TooManyShops(Conflict):
    """Delete a shop that you no longer need, or ask the operator: one person may own `limit`."""

    reason = "TOO_MANY_SHOPS"


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
