"""The table of who may do what covers every operation, and nothing that is none."""

from services.gateway.domain.permissions import (
    OPERATIONS,
    ROLES,
    SCOPES,
    Access,
    Permission,
    allowed,
    scopes_of,
)


def test_what_nobody_listed_is_refused() -> None:
    assert not allowed("invent_operation", role="owner", scopes=frozenset(SCOPES))


def test_operations_of_no_tenant_are_nobodys_by_role() -> None:
    outside = [name for name, who in OPERATIONS.items() if isinstance(who, Access)]
    assert outside
    assert not any(allowed(name, role="owner", scopes=frozenset(SCOPES)) for name in outside)


def test_an_owner_may_whatever_any_role_may() -> None:
    for name, permission in OPERATIONS.items():
        if isinstance(permission, Permission) and permission.roles:
            assert "owner" in permission.roles, name
            assert permission.roles <= set(ROLES)


def test_every_scope_opens_something() -> None:
    used = {who.scope for who in OPERATIONS.values() if isinstance(who, Permission)}
    assert set(SCOPES) <= used


def test_read_stands_for_all_that_reads_and_manage_for_all() -> None:
    assert scopes_of(frozenset({"manage"})) == frozenset(SCOPES)
    assert scopes_of(frozenset({"read"})) == {"read"} | {scope for scope in SCOPES if scope.endswith(":read")}
    assert scopes_of(frozenset({"jobs:read"})) == {"jobs:read"}
