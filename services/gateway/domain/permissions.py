"""Who may do what: one table of every operation, read by the doors, the documents and the tests.

An operation is the name of its route's function, which is its operationId in the OpenAPI document too. One
that is missing here is refused, and a test fails the build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal, get_args

Role = Literal["owner", "admin", "marketer", "analyst", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

# What a secret key's or a partner's token may do; a restricted key names some of them.
Scope = Literal[
    "events:write",
    "tenant:read",
    "tenant:write",
    "keys:read",
    "keys:write",
    "profiles:read",
    "profiles:write",
    "consents:read",
    "consents:write",
    "privacy:read",
    "privacy:write",
    "rules:read",
    "rules:write",
    "reports:read",
    "reports:write",
    "bad_rows:read",
    "bad_rows:write",
    "imports:read",
    "imports:write",
    "products:read",
    "products:write",
    "lists:read",
    "lists:write",
    "segments:read",
    "segments:write",
    "genes:read",
    "genes:write",
    "jobs:read",
    "jobs:write",
    "usage:read",
    "audit:read",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_READING = frozenset(scope for scope in SCOPES if scope.endswith(":read"))


class Access(Enum):
    """Operations that belong to no tenant."""

    # No credential: what it needs is in the request itself, such as a password or a token from an e-mail.
    ANYBODY = "anybody"
    # Any signed-in teammate, about themselves.
    SIGNED_IN = "signed in"
    # A partner about itself.
    PARTNER = "partner"
    # The platform's operator, with the installation's key.
    OPERATOR = "operator"
    # A teammate whom the installation made an operator, signed in with a second factor.
    OPERATOR_IN_PERSON = "operator in person"


@dataclass(frozen=True, slots=True)
class Permission:
    """Which teammates may, and the scope that lets a key or a partner do it; None: no key ever may."""

    roles: frozenset[Role]
    scope: Scope | None
    # Whether an operator may who acts in the tenant with one of the roles.
    acting: bool = True


_NOBODY = frozenset[Role]()
_EVERYBODY = frozenset(ROLES)
_ANALYSTS = frozenset[Role]({"owner", "admin", "marketer", "analyst"})
_MARKETERS = frozenset[Role]({"owner", "admin", "marketer"})
_ADMINS = frozenset[Role]({"owner", "admin"})
_OWNER = frozenset[Role]({"owner"})

OPERATIONS: Mapping[str, Permission | Access] = {
    # The tracking API: every key but a restricted one without this scope
    "send_events": Permission(_NOBODY, "events:write"),
    # The tenant and its keys
    "get_tenant": Permission(_EVERYBODY, "tenant:read"),
    "change_tenant": Permission(_ADMINS, "tenant:write", acting=False),
    "delete_tenant": Permission(_OWNER, None, acting=False),
    "get_deletion": Permission(_ADMINS, "tenant:read"),
    "cancel_deletion": Permission(_OWNER, None, acting=False),
    "list_keys": Permission(_ADMINS, "keys:read"),
    "make_key": Permission(_ADMINS, "keys:write", acting=False),
    "change_key": Permission(_ADMINS, "keys:write", acting=False),
    "rotate_key": Permission(_ADMINS, "keys:write", acting=False),
    "revoke_key": Permission(_ADMINS, "keys:write", acting=False),
    # Nothing is kept, and what is told anybody could see; but we are the one who asks.
    "check_installation": Permission(_MARKETERS, "keys:read"),
    # Partners, and what the tenant lets them do
    "list_grants": Permission(_ADMINS, "tenant:read"),
    "put_grant": Permission(_ADMINS, None, acting=False),
    "revoke_grant": Permission(_ADMINS, None, acting=False),
    "get_usage": Permission(_ADMINS, "usage:read"),
    # Teammates
    "list_teammates": Permission(_EVERYBODY, None),
    "change_role": Permission(_ADMINS, None, acting=False),
    "remove_teammate": Permission(_ADMINS, None, acting=False),
    "leave_tenant": Permission(_EVERYBODY, None, acting=False),
    "list_invitations": Permission(_ADMINS, None),
    "invite_teammate": Permission(_ADMINS, None, acting=False),
    "resend_invitation": Permission(_ADMINS, None, acting=False),
    "revoke_invitation": Permission(_ADMINS, None, acting=False),
    "open_invitation": Access.ANYBODY,
    "accept_invitation": Access.ANYBODY,
    # Who did what, and operators who act here
    "list_audit": Permission(_ADMINS, "audit:read"),
    "export_audit": Permission(_ADMINS, "audit:read"),
    "verify_audit": Permission(_ADMINS, "audit:read"),
    "list_impersonations": Permission(_ADMINS, None),
    "end_impersonation": Permission(_OWNER, None, acting=False),
    # People and numbers
    "list_profiles": Permission(_EVERYBODY, "profiles:read"),
    "get_profile": Permission(_EVERYBODY, "profiles:read"),
    "list_events": Permission(_EVERYBODY, "profiles:read"),
    "reveal_profile": Permission(_ANALYSTS, "profiles:read", acting=False),
    "get_overview": Permission(_EVERYBODY, "reports:read"),
    "get_intake": Permission(_EVERYBODY, "reports:read"),
    "list_event_sources": Permission(_EVERYBODY, "reports:read"),
    # Reports on products and searches
    "list_viewed_not_bought": Permission(_EVERYBODY, "reports:read"),
    "download_viewed_not_bought": Permission(_EVERYBODY, "reports:read", acting=False),
    "list_abandoned_carts": Permission(_EVERYBODY, "reports:read"),
    "download_abandoned_carts": Permission(_EVERYBODY, "reports:read", acting=False),
    "list_searches": Permission(_EVERYBODY, "reports:read"),
    "download_searches": Permission(_EVERYBODY, "reports:read", acting=False),
    # Reports on people, and what advertising cost
    "get_funnel": Permission(_EVERYBODY, "reports:read"),
    "download_funnel": Permission(_EVERYBODY, "reports:read", acting=False),
    "get_retention": Permission(_EVERYBODY, "reports:read"),
    "download_retention": Permission(_EVERYBODY, "reports:read", acting=False),
    "list_traffic_sources": Permission(_EVERYBODY, "reports:read"),
    "download_traffic_sources": Permission(_EVERYBODY, "reports:read", acting=False),
    "put_ad_costs": Permission(_MARKETERS, "reports:write"),
    "list_ad_costs": Permission(_EVERYBODY, "reports:read"),
    "delete_ad_costs": Permission(_MARKETERS, "reports:write"),
    "watch_events": Permission(_EVERYBODY, "profiles:read"),
    # Genes, and segments that nobody saved
    "list_genes": Permission(_EVERYBODY, "segments:read"),
    "get_gene_distribution": Permission(_EVERYBODY, "segments:read"),
    "get_yardstick": Permission(_EVERYBODY, "segments:read"),
    "refresh_yardsticks": Permission(_MARKETERS, "segments:write"),
    "list_gene_audits": Permission(_EVERYBODY, "segments:read"),
    "get_profile_genes": Permission(_EVERYBODY, "profiles:read"),
    "preview_segment": Permission(_EVERYBODY, "segments:read"),
    "explain_segment": Permission(_EVERYBODY, "segments:read"),
    "overlap_segments": Permission(_EVERYBODY, "segments:read"),
    # Who belongs together, and by which rules
    "list_links": Permission(_EVERYBODY, "profiles:read"),
    "list_ledger": Permission(_EVERYBODY, "profiles:read"),
    "link_profiles": Permission(_MARKETERS, "profiles:write"),
    "unlink_profiles": Permission(_MARKETERS, "profiles:write"),
    "restore_links": Permission(_MARKETERS, "profiles:write"),
    "get_rules": Permission(_EVERYBODY, "rules:read"),
    "preview_rules": Permission(_ADMINS, "rules:read"),
    "put_rules": Permission(_ADMINS, "rules:write", acting=False),
    # What a person may ask for: to be forgotten, and to be told everything
    "make_erasure": Permission(_ADMINS, "privacy:write", acting=False),
    "list_erasures": Permission(_ADMINS, "privacy:read"),
    "get_erasure": Permission(_ADMINS, "privacy:read"),
    "make_export": Permission(_ADMINS, "privacy:write", acting=False),
    "list_exports": Permission(_ADMINS, "privacy:read"),
    "get_export": Permission(_ADMINS, "privacy:read"),
    "get_export_file": Permission(_ADMINS, "privacy:read", acting=False),
    # What people agreed to, and whose events are dropped
    "get_consents": Permission(_EVERYBODY, "consents:read"),
    "put_consents": Permission(_MARKETERS, "consents:write"),
    "list_consent_statements": Permission(_EVERYBODY, "consents:read"),
    "list_suppressions": Permission(_ADMINS, "privacy:read"),
    "add_suppressions": Permission(_MARKETERS, "privacy:write"),
    "lift_suppressions": Permission(_ADMINS, "privacy:write"),
    # Who signs for members
    "get_verification": Permission(_ADMINS, "rules:read"),
    "put_verification": Permission(_ADMINS, "rules:write", acting=False),
    "get_verification_report": Permission(_ADMINS, "rules:read"),
    # What was set aside
    "list_bad_rows": Permission(_ANALYSTS, "bad_rows:read"),
    "get_bad_row": Permission(_ANALYSTS, "bad_rows:read"),
    "replay_bad_rows": Permission(_ADMINS, "bad_rows:write"),
    "replay_bad_row": Permission(_ADMINS, "bad_rows:write"),
    # Files with history, members and products
    "make_import": Permission(_MARKETERS, "imports:write"),
    "list_imports": Permission(_ANALYSTS, "imports:read"),
    "get_import": Permission(_ANALYSTS, "imports:read"),
    "put_import_file": Permission(_MARKETERS, "imports:write"),
    "look_at_import": Permission(_MARKETERS, "imports:write"),
    "put_import_mapping": Permission(_MARKETERS, "imports:write"),
    "check_import": Permission(_MARKETERS, "imports:write"),
    "start_import": Permission(_ADMINS, "imports:write"),
    "cancel_import": Permission(_ADMINS, "imports:write"),
    "list_rejected_rows": Permission(_ANALYSTS, "imports:read"),
    "download_rejected_rows": Permission(_ANALYSTS, "imports:read", acting=False),
    "download_tried_rows": Permission(_ANALYSTS, "imports:read", acting=False),
    # Saved segments
    "list_segments": Permission(_EVERYBODY, "segments:read"),
    "make_segment": Permission(_MARKETERS, "segments:write"),
    "get_segment": Permission(_EVERYBODY, "segments:read"),
    "change_segment": Permission(_MARKETERS, "segments:write"),
    "archive_segment": Permission(_MARKETERS, "segments:write"),
    "unarchive_segment": Permission(_MARKETERS, "segments:write"),
    "delete_segment": Permission(_MARKETERS, "segments:write"),
    "list_segment_versions": Permission(_EVERYBODY, "segments:read"),
    "compare_segment_versions": Permission(_EVERYBODY, "segments:read"),
    "restore_segment_version": Permission(_MARKETERS, "segments:write"),
    "get_segment_size": Permission(_EVERYBODY, "segments:read"),
    "list_segment_members": Permission(_EVERYBODY, "segments:read"),
    "get_segment_history": Permission(_EVERYBODY, "segments:read"),
    "list_segment_changes": Permission(_EVERYBODY, "segments:read"),
    "take_snapshot": Permission(_MARKETERS, "segments:write"),
    "list_snapshots": Permission(_EVERYBODY, "segments:read"),
    "get_snapshot": Permission(_EVERYBODY, "segments:read"),
    "delete_snapshot": Permission(_MARKETERS, "segments:write"),
    "make_segment_export": Permission(_MARKETERS, "segments:read", acting=False),
    "list_segment_exports": Permission(_MARKETERS, "segments:read"),
    "get_segment_export": Permission(_MARKETERS, "segments:read"),
    "get_segment_export_file": Permission(_MARKETERS, "segments:read", acting=False),
    "make_export_schedule": Permission(_MARKETERS, "segments:read", acting=False),
    "list_export_schedules": Permission(_MARKETERS, "segments:read"),
    "get_export_schedule": Permission(_MARKETERS, "segments:read"),
    "change_export_schedule": Permission(_MARKETERS, "segments:read", acting=False),
    "delete_export_schedule": Permission(_MARKETERS, "segments:read", acting=False),
    # Goals, and genes whose values are brought
    "list_goals": Permission(_EVERYBODY, "segments:read"),
    "make_goal": Permission(_MARKETERS, "segments:write"),
    "get_goal": Permission(_EVERYBODY, "segments:read"),
    "change_goal": Permission(_MARKETERS, "segments:write"),
    "delete_goal": Permission(_MARKETERS, "segments:write"),
    "list_states": Permission(_EVERYBODY, "segments:read"),
    "get_state_transitions": Permission(_EVERYBODY, "reports:read"),
    "list_external_genes": Permission(_EVERYBODY, "genes:read"),
    "make_external_gene": Permission(_MARKETERS, "genes:write"),
    "get_external_gene": Permission(_EVERYBODY, "genes:read"),
    "change_external_gene": Permission(_MARKETERS, "genes:write"),
    "delete_external_gene": Permission(_MARKETERS, "genes:write"),
    "upload_external_values": Permission(_MARKETERS, "genes:write"),
    "bring_external_values": Permission(_MARKETERS, "genes:write"),
    "list_external_changes": Permission(_EVERYBODY, "genes:read"),
    "get_external_distribution": Permission(_EVERYBODY, "genes:read"),
    "get_profile_external_genes": Permission(_EVERYBODY, "profiles:read"),
    # Lists of people
    "list_lists": Permission(_EVERYBODY, "lists:read"),
    "make_list": Permission(_MARKETERS, "lists:write"),
    "get_list": Permission(_EVERYBODY, "lists:read"),
    "delete_list": Permission(_MARKETERS, "lists:write"),
    "upload_to_list": Permission(_MARKETERS, "lists:write"),
    "restore_list": Permission(_MARKETERS, "lists:write"),
    "list_list_members": Permission(_EVERYBODY, "lists:read"),
    "download_list_members": Permission(_ANALYSTS, "lists:read", acting=False),
    # Attributes of people, and their types
    "list_attributes": Permission(_EVERYBODY, "profiles:read"),
    "put_attribute_type": Permission(_MARKETERS, "profiles:write"),
    "list_products": Permission(_EVERYBODY, "products:read"),
    "put_products": Permission(_MARKETERS, "products:write"),
    # Long work
    "list_jobs": Permission(_ANALYSTS, "jobs:read"),
    "get_job": Permission(_ANALYSTS, "jobs:read"),
    "cancel_job": Permission(_ADMINS, "jobs:write"),
    # Signing in
    "sign_in": Access.ANYBODY,
    "get_session": Access.SIGNED_IN,
    "choose_tenant": Access.SIGNED_IN,
    # Owners and operators only: which shops they own, their own session says
    "open_tenant": Access.SIGNED_IN,
    "sign_out": Access.SIGNED_IN,
    "sign_in_with_code": Access.ANYBODY,
    "challenge_passkey": Access.ANYBODY,
    "sign_in_with_passkey": Access.ANYBODY,
    "renew_session": Access.SIGNED_IN,
    "begin_single_sign_on": Access.ANYBODY,
    "finish_single_sign_on": Access.ANYBODY,
    "get_single_sign_on": Permission(_ADMINS, None),
    "put_single_sign_on": Permission(_ADMINS, None, acting=False),
    "remove_single_sign_on": Permission(_ADMINS, None, acting=False),
    "put_sign_in_rules": Permission(_ADMINS, None, acting=False),
    # One's own account
    "ask_password_reset": Access.ANYBODY,
    "complete_password_reset": Access.ANYBODY,
    "change_password": Access.SIGNED_IN,
    "get_account": Access.SIGNED_IN,
    "change_account": Access.SIGNED_IN,
    "ask_email_change": Access.SIGNED_IN,
    "confirm_email_change": Access.SIGNED_IN,
    "begin_authenticator": Access.SIGNED_IN,
    "confirm_authenticator": Access.SIGNED_IN,
    "remove_authenticator": Access.SIGNED_IN,
    "make_recovery_codes": Access.SIGNED_IN,
    "list_passkeys": Access.SIGNED_IN,
    "challenge_new_passkey": Access.SIGNED_IN,
    "add_passkey": Access.SIGNED_IN,
    "rename_passkey": Access.SIGNED_IN,
    "remove_passkey": Access.SIGNED_IN,
    "list_sessions": Access.SIGNED_IN,
    "sign_out_everywhere": Access.SIGNED_IN,
    "end_session": Access.SIGNED_IN,
    # Partners
    "issue_token": Access.ANYBODY,
    "get_token_server": Access.ANYBODY,
    "list_granted_tenants": Access.PARTNER,
    # The platform
    "get_health": Access.ANYBODY,
    "make_tenant": Access.OPERATOR,
    "add_teammate": Access.OPERATOR,
    "make_operator": Access.OPERATOR,
    "list_operators": Access.OPERATOR,
    "remove_operator": Access.OPERATOR,
    "list_tenants": Access.OPERATOR_IN_PERSON,
    "list_own_impersonations": Access.OPERATOR_IN_PERSON,
    "start_impersonation": Access.OPERATOR_IN_PERSON,
    "stop_impersonation": Access.OPERATOR_IN_PERSON,
    "list_platform_audit": Access.OPERATOR_IN_PERSON,
    "make_partner": Access.OPERATOR,
    "list_partners": Access.OPERATOR,
    "rotate_client_secret": Access.OPERATOR,
    "close_partner": Access.OPERATOR,
}


def scopes_of(stored: frozenset[str]) -> frozenset[str]:
    """A key's scopes one by one: "read" stands for all that reads, "manage" for all."""
    if "manage" in stored:
        return frozenset(SCOPES)
    return stored | (_READING if "read" in stored else frozenset())


def allowed(operation: str, *, role: str | None, scopes: frozenset[str], acting: bool = False) -> bool:
    """Whether a teammate with `role`, or else a key with `scopes`, may; False for what nobody listed.

    `acting`: an operator who was let into the tenant with that role.
    """
    permission = OPERATIONS.get(operation)
    if not isinstance(permission, Permission) or (acting and not permission.acting):
        return False
    if role is not None:
        return role in permission.roles
    return permission.scope in scopes
