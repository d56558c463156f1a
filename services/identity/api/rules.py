"""Calls about a tenant's rules for joining."""

import time
from typing import Any

import grpc
from contracts.identity.v1 import identity_service_pb2 as messages
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import seconds_left, tenant
from services.identity.api.requests import command_uuid, require_actor
from services.identity.commands import Command, CommandQueue
from services.identity.domain.identifiers import ALWAYS_BLOCKED, Kind, Rules
from services.identity.domain.tenant_rules import RulesNotUsable, TenantRules, tenant_rules
from services.identity.errors import InvalidRules
from services.identity.previews import preview
from services.identity.rules import PUT_RULES
from services.identity.store import Database
from services.identity.store.queries.rules import count_groups_to_judge, load_rules
from services.identity.store.reading import open_reading

# A person waits for the preview; what was judged by then is told.
_PREVIEW_SECONDS = 20.0
_MARGIN_SECONDS = 1.0

Context = grpc.aio.ServicerContext[Any, Any]


class RulesApi:
    """GetRules, PreviewRules, PutRules."""

    _database: Database
    _commands: CommandQueue
    _defaults: Rules

    async def GetRules(
        self, request: messages.GetRulesRequest, context: Context
    ) -> messages.GetRulesResponse:
        async with open_reading(self._database, tenant()) as connection:
            in_force = await load_rules(connection, tenant())
            groups = await count_groups_to_judge(connection, tenant(), in_force)
        return messages.GetRulesResponse(
            rules=self._message(in_force.rules),
            always_blocked=sorted(value for value in ALWAYS_BLOCKED if value),
            groups_to_judge=groups,
        )

    async def PreviewRules(
        self, request: messages.PreviewRulesRequest, context: Context
    ) -> messages.PreviewRulesResponse:
        rules = _rules(request.rules)
        give_up_at = time.monotonic() + min(_PREVIEW_SECONDS, seconds_left() - _MARGIN_SECONDS)
        as_of = Timestamp()
        as_of.GetCurrentTime()
        found = await preview(self._database, tenant(), rules.complete(self._defaults), give_up_at)
        return messages.PreviewRulesResponse(
            profiles_split=found.profiles_split,
            profiles_joined=found.profiles_joined,
            links_refused=found.links_refused,
            links_accepted=found.links_accepted,
            example_profile_ids=found.examples,
            complete=found.judged_share == 1,
            judged_share=found.judged_share,
            map_version=found.map_version,
            as_of=as_of,
        )

    async def PutRules(
        self, request: messages.PutRulesRequest, context: Context
    ) -> messages.PutRulesResponse:
        rules = _rules(request.rules)
        body = {
            "version": rules.version,
            "limits": [[int(kind), limit] for kind, limit in rules.limits.items()],
            "blocked_values": list(rules.blocked_values),
            "phone_country_code": rules.phone_country_code,
        }
        command = Command(
            tenant(), command_uuid(request.command_id), PUT_RULES, body, require_actor(request.actor)
        )
        result = await self._commands.run(command)
        put = TenantRules(rules.limits, rules.blocked_values, rules.phone_country_code, result["version"])
        return messages.PutRulesResponse(rules=self._message(put))

    def _message(self, rules: TenantRules) -> messages.Rules:
        limits = rules.complete(self._defaults).limits
        return messages.Rules(
            limits=[messages.KindLimit(kind=int(kind), limit=limits[kind]) for kind in Kind],  # type: ignore[arg-type]
            blocked_values=rules.blocked_values,
            phone_country_code=rules.phone_country_code,
            version=rules.version,
        )


def _rules(rules: messages.Rules) -> TenantRules:
    limits = [(int(each.kind), each.limit) for each in rules.limits]
    try:
        return tenant_rules(limits, rules.blocked_values, rules.phone_country_code, rules.version)
    except RulesNotUsable as error:
        raise InvalidRules(str(error)) from error
