"""Who of a tenant's teammates may give, change and take which role."""

from typing import Literal

from services.gateway.domain.permissions import Role

Refusal = Literal["owners_only", "not_allowed", "last_owner"]
_LEADERS = ("owner", "admin")


def refused(actor: Role | None, target: Role | None, wanted: Role | None, *, n_owners: int) -> Refusal | None:
    """Why `actor` may not make `target` into `wanted`; None when they may.

    `actor` is None for somebody who is no teammate any more, `target` is None for an invitation, `wanted` is
    None for a removal. Nobody raises themselves: only owners give the one role above an admin's.
    """
    if actor not in _LEADERS:
        return "not_allowed"
    if "owner" in (target, wanted) and actor != "owner":
        return "owners_only"
    return leaving_refused(target, wanted, n_owners=n_owners)


def leaving_refused(role: Role | None, wanted: Role | None = None, *, n_owners: int) -> Refusal | None:
    """Why somebody may not give a role up: a tenant without an owner would belong to nobody."""
    return "last_owner" if role == "owner" and wanted != "owner" and n_owners <= 1 else None
