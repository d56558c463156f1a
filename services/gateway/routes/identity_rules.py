"""A tenant's rules for joining people: reading, trying and changing them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.gateway.routes.answers import identifier_kind, moment
from services.gateway.routes.parts import Body, Caller, CommandId, PartsOf, Storable

router = APIRouter(tags=["identity"])

_KIND = Literal["user_id", "email", "phone", "line_id", "external_id", "anonymous_id"]
_MAX_LIMIT = 1_000
_MAX_BLOCKED = 1_000


class RulesBody(Body):
    """What is left out has the default."""

    limits: Annotated[
        dict[_KIND, Annotated[int, Field(ge=1, le=_MAX_LIMIT)]],
        Field(
            default_factory=dict,
            description="Most identifiers of a kind that one profile may have; user_id stays 1",
        ),
    ]
    blocked_values: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=512), Storable]],
        Field(
            default_factory=list,
            max_length=_MAX_BLOCKED,
            description="Values that name nobody, such as a shop's own phone",
        ),
    ]
    phone_country_code: Annotated[
        str, Field(pattern="^[1-9][0-9]{0,2}$", description="Stands for the leading 0 of a local number")
    ] = "886"


class ChangedRules(RulesBody):
    version: Annotated[int, Field(ge=0, le=2**63 - 2, description="Of the rules that you have read")]


class RulesAnswer(BaseModel):
    limits: dict[str, int]
    blocked_values: list[str]
    phone_country_code: str
    version: int = Field(description="Rises with every change; 0: the defaults")


class RulesInForce(RulesAnswer):
    always_blocked: list[str] = Field(description="Values that name nobody for every tenant")
    groups_to_judge: int = Field(description="Groups of identifiers not judged by these rules yet")


class RulesPreview(BaseModel):
    """What the rules would change. Nothing was changed."""

    profiles_split: int
    profiles_joined: int
    links_refused: int
    links_accepted: int
    example_profiles: list[int]
    complete: bool = Field(description="False: time ran out; the counts are of the part that was judged")
    judged_share: float = Field(description="0 to 1")
    map_version: int
    as_of: datetime | None


@router.get("/v1/identity/rules", summary="Rules for joining people 身分合併規則")
async def get_rules(principal: Caller, parts: PartsOf) -> RulesInForce:
    found = await parts.clients.identity.get_rules(principal.tenant_id)
    return RulesInForce(
        **_answer(found.rules).model_dump(),
        always_blocked=list(found.always_blocked),
        groups_to_judge=found.groups_to_judge,
    )


@router.post("/v1/identity/rules/preview", summary="What other rules would change 規則試算")
async def preview_rules(body: RulesBody, principal: Caller, parts: PartsOf) -> RulesPreview:
    """Takes up to 20 seconds; a large tenant is judged in part then, and the answer says so."""
    found = await parts.clients.identity.preview_rules(principal.tenant_id, _rules(body, 0))
    return RulesPreview(
        profiles_split=found.profiles_split,
        profiles_joined=found.profiles_joined,
        links_refused=found.links_refused,
        links_accepted=found.links_accepted,
        example_profiles=list(found.example_profile_ids),
        complete=found.complete,
        judged_share=found.judged_share,
        map_version=found.map_version,
        as_of=moment(found.as_of),
    )


@router.put("/v1/identity/rules", summary="Change the rules 變更合併規則")
async def put_rules(
    body: ChangedRules, principal: Caller, command_id: CommandId, parts: PartsOf
) -> RulesAnswer:
    """In force at once for new events; known people follow group by group, as `groups_to_judge` tells.

    Refused when somebody else has changed the rules since you read them: read again and repeat.
    """
    request = identity_pb.PutRulesRequest(
        command_id=command_id, rules=_rules(body, body.version), actor=principal.name
    )
    put = await parts.clients.identity.put_rules(principal.tenant_id, request)
    answer = _answer(put.rules)
    # Blocked values may be personal.
    told = {"version": answer.version, "limits": answer.limits, "blocked": len(answer.blocked_values)}
    await parts.audit.write(principal.did("rules.changed", "rules", after=told))
    return answer


def _rules(body: RulesBody, version: int) -> identity_pb.Rules:
    return identity_pb.Rules(
        limits=[
            identity_pb.KindLimit(
                kind=gateway_pb.IdentifierKind.Value(f"IDENTIFIER_KIND_{kind.upper()}"), limit=limit
            )
            for kind, limit in body.limits.items()
        ],
        blocked_values=body.blocked_values,
        phone_country_code=body.phone_country_code,
        version=version,
    )


def _answer(rules: identity_pb.Rules) -> RulesAnswer:
    kinds: dict[Any, int] = {identifier_kind(one.kind): one.limit for one in rules.limits}
    return RulesAnswer(
        limits=kinds,
        blocked_values=list(rules.blocked_values),
        phone_country_code=rules.phone_country_code,
        version=rules.version,
    )
