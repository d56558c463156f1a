"""How much of people a caller sees: keys see all, teammates what they asked for in the audit log's sight."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header

from services.gateway.auth import Principal
from services.gateway.domain.masking import Sight
from services.gateway.routes.parts import Caller, PartsOf
from services.gateway.sealing import NotOurSeal, Sealer

_USE = "reveal"
_SHOWN = timedelta(minutes=15)


def reveal_of(sealer: Sealer, principal: Principal, profile_id: int) -> tuple[str, datetime]:
    """What shows one person to this caller, and until when; whoever gives it out writes the audit log."""
    until = datetime.now(UTC).replace(microsecond=0) + _SHOWN
    told = [principal.tenant_id, principal.name, profile_id, until.timestamp()]
    return sealer.seal(_USE, json.dumps(told).encode()).decode(), until


async def _sight(
    principal: Caller,
    parts: PartsOf,
    reveal: Annotated[
        str,
        Header(
            alias="X-Reveal",
            max_length=2000,
            description="`reveal` of `POST /v1/profiles/{id}/reveal`: a teammate sees that person's personal "
            "data, which are masked otherwise. 顯示個資的憑證；未附或逾時則遮蔽",
        ),
    ] = "",
) -> Sight:
    if principal.sight.everything:
        return principal.sight
    # What has ended is no failure: the answer is masked, and says so.
    return Sight(profile_id=_revealed(parts.sealer, principal, reveal))


def _revealed(sealer: Sealer, principal: Principal, reveal: str) -> int:
    """The profile that is shown; 0 for none."""
    if not reveal or not principal.may("reveal_profile"):
        return 0
    try:
        opened = sealer.open_sealed(_USE, reveal.encode())
    except NotOurSeal:
        return 0
    tenant_id, name, profile_id, until = json.loads(opened)
    current = datetime.now(UTC).timestamp() < until
    return int(profile_id) if current and (tenant_id, name) == (principal.tenant_id, principal.name) else 0


# Behind the caller, whom it looks at.
SightOf = Annotated[Sight, Depends(_sight)]
