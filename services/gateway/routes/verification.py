"""Verified identity: a tenant's settings and keys, and what became of the tokens of its browsers."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from chassis.database import open_transaction
from services.gateway.domain.verification import Algorithm, KeyNotUsable, Mode
from services.gateway.errors.people import SigningKeyNotFound
from services.gateway.errors.requests import RequestNotValid
from services.gateway.policies import NEW, StoredKey, StoredLine, StoredPolicy, opened, policy_of, sealed
from services.gateway.routes.parts import Body, Caller, PartsOf, Storable
from services.gateway.store import verification as store

router = APIRouter(tags=["identity"])

_MOST_KEYS = 10
_MOST_DAYS = 100
_Text = Annotated[str, Field(min_length=1, max_length=200), Storable]
_KeyText = Annotated[str, Field(max_length=8192), Storable]


class KeyBody(Body):
    """A new key, or with `id` one that is kept as it is."""

    id: uuid.UUID | None = None
    name: Annotated[str, Field(max_length=100), Storable] = ""
    kid: Annotated[str, Field(max_length=200), Storable] = Field(
        "", description="The `kid` of the tokens it signs; empty: it is tried for every token"
    )
    secret: _KeyText = Field("", description="Shared secret (HS256), 32 bytes or more")
    public_key: _KeyText = Field("", description="RSA, P-256 or Ed25519 as PEM or one JWK")

    @model_validator(mode="after")
    def _one(self) -> "KeyBody":
        given = [bool(self.id), bool(self.secret), bool(self.public_key)]
        if sum(given) != 1:
            raise ValueError("give one of id, secret and public_key")
        return self


class LineBody(Body):
    """A LINE Login channel; without `secret` the one that was sent before is kept."""

    channel_id: _Text
    provider: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^:\s\x00]+$")] = Field(
        description="What leads the LINE ids of your other systems, as in provider:id"
    )
    secret: _KeyText | None = Field(None, description="Channel secret (HS256); empty: none")
    public_keys: Annotated[
        list[_KeyText],
        Field(
            default_factory=list,
            max_length=_MOST_KEYS,
            description="LINE's public keys (ES256), one JWK each",
        ),
    ]


class VerificationBody(Body):
    """All settings; what is left out is taken out."""

    mode: Mode = Field(description="off; report: only count; enforce: unsigned members claim nothing")
    audiences: Annotated[
        list[_Text],
        Field(default_factory=list, max_length=20, description="Taken as `aud` beside the tenant's id"),
    ]
    keys: Annotated[list[KeyBody], Field(default_factory=list, max_length=_MOST_KEYS)]
    line: LineBody | None = None


class KeyAnswer(BaseModel):
    id: str
    name: str
    kid: str
    algorithm: Algorithm
    public_key: str = Field(description="Empty for a shared secret, which is not shown again")


class LineAnswer(BaseModel):
    channel_id: str
    provider: str
    has_secret: bool
    public_keys: list[str]


class VerificationAnswer(BaseModel):
    mode: Mode
    audience: str = Field(description="`aud` that is always taken: the tenant's id")
    audiences: list[str]
    keys: list[KeyAnswer]
    line: LineAnswer | None


class OutcomeCount(BaseModel):
    outcome: str
    events: int


class VerificationDay(BaseModel):
    """Events of one day (UTC) that named a member, or carried a LINE token."""

    on: date
    subject: Literal["member", "line"]
    outcomes: list[OutcomeCount]


class VerificationReport(BaseModel):
    days: list[VerificationDay] = Field(description="Newest first; some seconds behind")


@router.get("/v1/identity/verification", summary="Verified identity 身分驗證設定")
async def get_verification(principal: Caller, parts: PartsOf) -> VerificationAnswer:
    """Secrets are not shown again."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        found = await store.load_policy(connection)
    stored = NEW if found is None else opened(found, parts.sealer)
    return _answer(principal.tenant_id, stored)


@router.put("/v1/identity/verification", summary="Change verified identity 變更身分驗證設定")
async def put_verification(body: VerificationBody, principal: Caller, parts: PartsOf) -> VerificationAnswer:
    """In force at once at this gateway, within two seconds at others. To rotate, send old and new key."""
    tenant_id = principal.tenant_id
    async with open_transaction(parts.engine, tenant_id) as connection:
        await store.lock_tenant(connection, tenant_id)
        found = await store.load_policy(connection)
        before = NEW if found is None else opened(found, parts.sealer)
        after = _changed(before, body)
        try:
            policy_of(tenant_id, after)
        except KeyNotUsable as error:
            raise RequestNotValid(str(error)) from error
        await store.save_policy(connection, sealed(tenant_id, after, parts.sealer))
        told = principal.did(
            "verification.changed", "verification:tenant", before=_told(before), after=_told(after)
        )
        await parts.audit.record(connection, told)
    await parts.verification.refresh()
    return _answer(tenant_id, after)


@router.get("/v1/identity/verification/report", summary="What became of tokens 身分驗證統計")
async def get_verification_report(
    principal: Caller,
    parts: PartsOf,
    days: Annotated[int, Query(ge=1, le=_MOST_DAYS, description="How many days, up to today (UTC)")] = 7,
) -> VerificationReport:
    """Turn `enforce` on when nearly all of a day's events are verified."""
    last = datetime.now(UTC).date()
    counted = await store.load_counts(
        parts.engine, principal.tenant_id, last - timedelta(days=days - 1), last
    )
    found: dict[tuple[date, str], VerificationDay] = {}
    for one in counted:
        day = found.setdefault(
            (one.on_day, one.subject),
            VerificationDay(
                on=one.on_day, subject="line" if one.subject == "line" else "member", outcomes=[]
            ),
        )
        day.outcomes.append(OutcomeCount(outcome=one.outcome, events=one.events))
    return VerificationReport(days=list(found.values()))


def _changed(before: StoredPolicy, body: VerificationBody) -> StoredPolicy:
    kept = {key["key_id"]: key for key in before["keys"]}
    return StoredPolicy(
        mode=body.mode,
        audiences=sorted(set(body.audiences)),
        keys=[_key(key, kept) for key in body.keys],
        line=None if body.line is None else _line(before["line"], body.line),
    )


def _key(key: KeyBody, kept: dict[str, StoredKey]) -> StoredKey:
    if key.id is None:
        return StoredKey(
            key_id=str(uuid.uuid4()),
            name=key.name,
            kid=key.kid,
            secret=key.secret,
            public_key=key.public_key,
        )
    if str(key.id) not in kept:
        raise SigningKeyNotFound("There is no such key to keep.", id=str(key.id))
    stored = kept[str(key.id)]
    return StoredKey(
        key_id=stored["key_id"],
        name=key.name or stored["name"],
        kid=key.kid or stored["kid"],
        secret=stored["secret"],
        public_key=stored["public_key"],
    )


def _line(before: StoredLine | None, body: LineBody) -> StoredLine:
    secret = body.secret
    if secret is None:
        # Another channel has another secret.
        same = before is not None and before["channel_id"] == body.channel_id
        secret = before["secret"] if before is not None and same else ""
    if not secret and not body.public_keys:
        raise RequestNotValid("line: give the channel's secret, LINE's public keys, or both.")
    return StoredLine(
        channel_id=body.channel_id,
        provider=body.provider,
        secret=secret,
        public_keys=[
            StoredKey(key_id="", name="", kid="", secret="", public_key=text) for text in body.public_keys
        ],
    )


def _answer(tenant_id: str, stored: StoredPolicy) -> VerificationAnswer:
    policy, line = policy_of(tenant_id, stored), stored["line"]
    return VerificationAnswer(
        mode=stored["mode"],
        audience=tenant_id,
        audiences=stored["audiences"],
        keys=[
            KeyAnswer(
                id=key["key_id"],
                name=key["name"],
                kid=key["kid"],
                algorithm=ready.algorithm,
                public_key=key["public_key"],
            )
            for key, ready in zip(stored["keys"], policy.keys, strict=True)
        ],
        line=None
        if line is None
        else LineAnswer(
            channel_id=line["channel_id"],
            provider=line["provider"],
            has_secret=bool(line["secret"]),
            public_keys=[key["public_key"] for key in line["public_keys"]],
        ),
    )


def _told(stored: StoredPolicy) -> dict[str, object]:
    """For the audit log: which keys, and never one of them."""
    line = stored["line"]
    return {
        "mode": stored["mode"],
        "audiences": len(stored["audiences"]),
        "keys": [key["key_id"] for key in stored["keys"]],
        "line": line is not None,
    }
