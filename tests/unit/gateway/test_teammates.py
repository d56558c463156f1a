"""Who may change whom: owners everybody, admins everybody but owners, others nobody."""

import pytest

from services.gateway.domain.permissions import OPERATIONS, ROLES, Permission, Role
from services.gateway.domain.teammates import leaving_refused, refused


@pytest.mark.parametrize("wanted", [None, *ROLES])
@pytest.mark.parametrize("target", [None, *ROLES])
def test_owners_may_everything_while_another_owner_remains(target: Role | None, wanted: Role | None) -> None:
    assert refused("owner", target, wanted, n_owners=2) is None


@pytest.mark.parametrize("wanted", [None, *ROLES])
@pytest.mark.parametrize("target", [None, *ROLES])
def test_admins_may_what_has_no_owner_in_it(target: Role | None, wanted: Role | None) -> None:
    expected = "owners_only" if "owner" in (target, wanted) else None
    assert refused("admin", target, wanted, n_owners=2) == expected


@pytest.mark.parametrize("actor", ["marketer", "analyst", "viewer", None])
def test_everybody_else_may_nothing_even_when_they_were_owners_a_moment_ago(actor: Role | None) -> None:
    assert {refused(actor, target, "viewer", n_owners=2) for target in ROLES} == {"not_allowed"}


def test_the_last_owner_stays() -> None:
    assert refused("owner", "owner", "admin", n_owners=1) == "last_owner"
    assert refused("owner", "owner", None, n_owners=1) == "last_owner"
    assert refused("owner", "owner", "owner", n_owners=1) is None
    assert leaving_refused("owner", n_owners=1) == "last_owner"
    assert leaving_refused("owner", n_owners=2) is None
    assert leaving_refused("viewer", n_owners=1) is None


def test_who_acts_for_the_platform_never_exports_erases_or_touches_keys_teammates_or_sign_in() -> None:
    closed = ("export", "erase", "erasure", "key", "grant", "teammate", "role", "invit")
    closed += ("sign_", "factor", "download")
    open_to_them = [
        name
        for name, who in OPERATIONS.items()
        if isinstance(who, Permission)
        and who.acting
        and any(part in name for part in closed)
        and not name.startswith(("list_", "get_"))
    ]
    # The audit log holds no customer's data.
    assert open_to_them == ["export_audit"]
