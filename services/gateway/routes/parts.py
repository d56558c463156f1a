"""What routes are given, and the callers they are given it for."""

import uuid
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict

from chassis.bus import Bus
from chassis.database import Engine
from chassis.jobs import Jobs
from services.gateway.accounts import Accounts
from services.gateway.attempts import Attempts
from services.gateway.audit import AuditLog
from services.gateway.auth import Door, Principal
from services.gateway.calls import Calls
from services.gateway.clients import Clients
from services.gateway.erasures import Receipts
from services.gateway.errors.requests import IdempotencyKeyNotValid
from services.gateway.files import Files
from services.gateway.impersonations import Impersonations
from services.gateway.keyring import CachedKeyRing
from services.gateway.live import LiveFeed
from services.gateway.mail import Mail
from services.gateway.partners import Partners
from services.gateway.passkeys import Passkeys
from services.gateway.passwords import Passwords
from services.gateway.repeats import Repeatable, claimed, fingerprint
from services.gateway.replays import Replays
from services.gateway.sealing import Sealer
from services.gateway.second_factors import SecondFactors
from services.gateway.settings import Settings
from services.gateway.sign_in import SignIn
from services.gateway.single_sign_on import SingleSignOn
from services.gateway.store.repeats import Claim
from services.gateway.usage import Meter
from services.gateway.verification import Verification

# What the envelope around the routes finds in a request's scope.
RATE_HEADERS = "nexus.rate_headers"
REPEATABLE = "nexus.repeatable"

_MAX_IDEMPOTENCY_KEY = 255
# The name space of command ids that are derived from Idempotency-Keys.
_COMMANDS = uuid.UUID("6f9d7a52-62a5-4b0e-8b8e-2f0c3a4d5e61")


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by main."""

    settings: Settings
    engine: Engine
    bus: Bus
    keys: CachedKeyRing
    clients: Clients
    door: Door
    passwords: Passwords
    live: LiveFeed
    replays: Replays
    jobs: Jobs
    files: Files
    audit: AuditLog
    impersonations: Impersonations
    mail: Mail
    meter: Meter
    calls: Calls
    partners: Partners
    receipts: Receipts
    sealer: Sealer
    verification: Verification
    attempts: Attempts
    sign_in: SignIn
    accounts: Accounts
    factors: SecondFactors
    passkeys: Passkeys
    single_sign_on: SingleSignOn


def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


PartsOf = Annotated[Parts, Depends(_parts)]


async def _caller(request: Request, parts: PartsOf) -> Principal:
    principal = await parts.door.principal(request)
    parts.meter.add_call(principal.tenant_id)
    rate = principal.calls_per_second or parts.keys.calls_per_second(principal.tenant_id)
    request.scope[RATE_HEADERS] = parts.calls.admit(principal.tenant_id, rate)
    # The name of the route's function; domain/permissions.py says who may.
    principal.require(request.scope["route"].name)
    idempotency_key = request.headers.get("idempotency-key")
    if idempotency_key is not None and request.method == "POST":
        request.scope[REPEATABLE] = await _claimed(request, parts, principal, idempotency_key)
    return principal


async def _claimed(request: Request, parts: Parts, principal: Principal, idempotency_key: str) -> Repeatable:
    """The request as the first with its Idempotency-Key; raises AnsweredBefore when it is not."""
    if not 0 < len(idempotency_key) <= _MAX_IDEMPOTENCY_KEY or not idempotency_key.isprintable():
        raise IdempotencyKeyNotValid("An Idempotency-Key has 1 to 255 printable characters.")
    # As the server read them: a URL would be put together with the Host header, which may hold a path.
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    seen = fingerprint(request.method, path, query, await request.body())
    claim = Claim(principal.tenant_id, principal.name, idempotency_key, seen)
    return await claimed(parts.engine, claim, parts.door.credential(request))


def _command_id(request: Request) -> str:
    """The id of what this request asks of another service: the same again when the request is repeated.

    And not when its key is used for another one, after a refusal or a day later: that would get the first
    one's answer, and a person who is to be forgotten would not be.
    """
    repeatable: Repeatable | None = request.scope.get(REPEATABLE)
    if repeatable is None:
        return str(uuid.uuid4())
    claim = repeatable.claim
    return str(
        uuid.uuid5(
            _COMMANDS, f"{claim.tenant_id}/{claim.actor}/{claim.fingerprint.hex()}/{claim.idempotency_key}"
        )
    )


# Whoever asks, once they may: every route of a tenant takes one, and is refused when nobody listed it.
Caller = Annotated[Principal, Depends(_caller)]
# Declared behind the caller.
CommandId = Annotated[str, Depends(_command_id)]


class Body(BaseModel):
    """What a request says: a field that nobody reads is refused, so that nobody believes it was."""

    model_config = ConfigDict(extra="forbid")


def storable(text: str) -> str:
    """PostgreSQL has no NUL in text."""
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


Storable = AfterValidator(storable)
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most. 最多幾筆")]
Cursor = Annotated[
    str, Query(max_length=2000, description="`next_cursor` of the page before. 上一頁的 next_cursor")
]
Search = Annotated[str, Query(max_length=200, description="Text to look for. 搜尋文字"), Storable]
