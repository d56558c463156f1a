"""Looking identifiers up in bulk: a read, which makes nobody known."""

from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages

from chassis.rpc import tenant
from services.identity.domain.identifiers import Identifier, Kind, Rules, Unusable, normalised
from services.identity.errors import IdentifierNotUsable
from services.identity.store import Database
from services.identity.store.queries.lookups import look_up
from services.identity.store.queries.rules import load_rules
from services.identity.store.reading import open_reading

_MAX_IDENTIFIERS = 5_000
_KINDS = frozenset(map(int, Kind))

Context = grpc.aio.ServicerContext[Any, Any]


class LookupsApi:
    """LookUpIdentifiers."""

    _database: Database
    _defaults: Rules

    async def LookUpIdentifiers(
        self, request: messages.LookUpIdentifiersRequest, context: Context
    ) -> messages.LookUpIdentifiersResponse:
        if not 0 < len(request.identifiers) <= _MAX_IDENTIFIERS:
            raise IdentifierNotUsable("Name 1 to 5,000 identifiers.", limit=_MAX_IDENTIFIERS)
        async with open_reading(self._database, tenant()) as connection:
            in_force = await load_rules(connection, tenant())
            rules = in_force.rules.complete(self._defaults)
            asked = [_normalised(name, place, rules) for place, name in enumerate(request.identifiers)]
            wanted = {identifier for identifier in asked if identifier is not None}
            known = await look_up(connection, tenant(), wanted)
        answer = messages.LookUpIdentifiersResponse()
        for identifier in asked:
            found = answer.found.add(unusable=identifier is None)
            if identifier is not None and (one := known.get(identifier)) is not None:
                found.nid, found.profile_id = one.nid, one.profile_id
        return answer


def _normalised(name: messages.IdentifierName, place: int, rules: Rules) -> Identifier | None:
    """None for what names nobody; raises IdentifierNotUsable for what is of no kind."""
    if name.kind not in _KINDS:
        raise IdentifierNotUsable("Say of which kind it is.", place=place)
    kind = Kind(name.kind)
    try:
        value = normalised(kind, name.value, rules)
    except Unusable:
        return None
    return None if value is None else (kind, value)
