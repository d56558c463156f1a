"""A tenant's keys: making, changing, rotating, revoking."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chassis.database import Connection, open_transaction
from services.gateway.audit import Entry
from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.keys import KeyKind, key_from
from services.gateway.domain.permissions import SCOPES
from services.gateway.errors.requests import CursorNotValid, KeyNotFound, NotAllowed
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf, Storable
from services.gateway.store import keys
from services.gateway.store.keys import KeyRow, NewKey

router = APIRouter(tags=["keys"])

_BROAD = ("read", "manage")
_MOST_ORIGINS_TOLD = 20


class KeyAnswer(BaseModel):
    """A key as it can still be told: its beginning and end."""

    id: str
    kind: KeyKind
    name: str
    hint: str = Field(description="Beginning and last four characters")
    allowed_origins: list[str]
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None = Field(description="At most half a minute old")
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None = Field(description="The key that a rotation put in its place")


class KeyList(BaseModel):
    keys: list[KeyAnswer]
    next_cursor: str | None


def _origin(text: str) -> str:
    # Browsers send origins in ASCII; any other would match nothing, and fill the audit log.
    plain = text.isascii() and text.isprintable() and " " not in text
    if not plain or not text.lower().startswith(("https://", "http://")) or text.count("/") != 2:
        raise ValueError("an origin is scheme, host and port, as in https://shop.example")
    return text.lower()


def _scope(text: str) -> str:
    if text not in SCOPES and text not in _BROAD:
        raise ValueError(f"there is no such scope; choose from {', '.join((*_BROAD, *SCOPES))}")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), Storable]
Origins = Annotated[
    list[Annotated[str, Field(max_length=253), Storable, AfterValidator(_origin)]],
    Field(max_length=50, description="Pages that may send with it; none: any page"),
]


class NewKeyBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: KeyKind = Field(
        description="browser: may be read by anybody, only sends. server: keep it secret. "
        "restricted: a secret key that may do what its scopes name, and nothing else"
    )
    name: Name = "key"
    allowed_origins: Origins = []
    scopes: Annotated[
        list[Annotated[str, AfterValidator(_scope)]],
        Field(max_length=len(SCOPES), description="Server: read or manage. Restricted: one by one"),
    ] = []
    expires_at: datetime | None = Field(None, description="When it ends by itself; with its UTC offset")

    @model_validator(mode="after")
    def _fitting(self) -> "NewKeyBody":
        broad = set(self.scopes) & set(_BROAD)
        if self.kind == "restricted" and (broad or not self.scopes):
            raise ValueError("a restricted key names its scopes one by one, at least one")
        if self.kind == "server" and set(self.scopes) - broad:
            raise ValueError("a server key has the scopes read or manage; make a restricted key for others")
        if self.kind == "browser" and self.scopes:
            raise ValueError("a browser key has no scopes: it only sends")
        if self.expires_at and (self.expires_at.tzinfo is None or self.expires_at <= datetime.now(UTC)):
            raise ValueError("expires_at lies in the future and names its UTC offset")
        return self


class ChangedKeyBody(BaseModel):
    """What may change while the key stays; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    allowed_origins: Origins | None = None


class RotationBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    overlap_hours: Annotated[
        float, Field(ge=0, le=720, description="How long the old key stays in force beside the new one")
    ] = 24


class NewKeyAnswer(KeyAnswer):
    key: str = Field(description="Shown once. 只顯示一次")


@router.get("/v1/keys", summary="Keys, revoked ones too 金鑰清單")
async def list_keys(principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> KeyList:
    """Oldest first."""
    after = place_of_keys(cursor)
    found = await keys.load_keys(parts.engine, principal.tenant_id, after=after, limit=limit + 1)
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursor_of("keys", found[-1].created_at.isoformat(), found[-1].key_id)
    return KeyList(keys=[_answer(key) for key in found], next_cursor=following)


@router.post("/v1/keys", status_code=201, summary="Make a key 建立金鑰")
async def make_key(body: NewKeyBody, principal: Caller, parts: PartsOf) -> NewKeyAnswer:
    """In force at once at this gateway, within two seconds at others."""
    scopes = body.scopes or (["read"] if body.kind == "server" else [])
    _refuse_more_than_own(principal, body.kind, scopes, body.expires_at)
    new = NewKey(
        key_id=str(uuid.uuid4()),
        kind=body.kind,
        name=body.name,
        key=key_from(body.kind, secrets.token_bytes(32)),
        allowed_origins=body.allowed_origins if body.kind == "browser" else (),
        scopes=sorted(set(scopes)),
        expires_at=body.expires_at,
    )
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        row = await keys.save_key(connection, principal.tenant_id, new)
        await parts.audit.record(connection, _entry(principal, "key.made", None, row))
    await parts.keys.refresh()
    return NewKeyAnswer(key=new.key, **_answer(row).model_dump())


@router.patch("/v1/keys/{key_id}", summary="Change a key's name or origins 變更金鑰")
async def change_key(key_id: uuid.UUID, body: ChangedKeyBody, principal: Caller, parts: PartsOf) -> KeyAnswer:
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        before = await _in_force(connection, key_id)
        values = body.model_dump(exclude_none=True)
        if before.kind != "browser":
            values.pop("allowed_origins", None)
        after = await keys.change_key(connection, before.key_id, values) if values else before
        await parts.audit.record(connection, _entry(principal, "key.changed", before, after))
    await parts.keys.refresh()
    return _answer(after)


@router.post("/v1/keys/{key_id}/rotation", status_code=201, summary="Replace a key 輪替金鑰")
async def rotate_key(
    key_id: uuid.UUID, body: RotationBody, principal: Caller, parts: PartsOf
) -> NewKeyAnswer:
    """A new key with the same rights. The old one stays in force for the overlap, so that nothing fails."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        old = await _in_force(connection, key_id)
        _refuse_more_than_own(principal, old.kind, old.scopes, principal.ends_at)
        new = NewKey(
            key_id=str(uuid.uuid4()),
            kind=old.kind,
            name=old.name,
            key=key_from(old.kind, secrets.token_bytes(32)),
            allowed_origins=old.allowed_origins,
            scopes=old.scopes,
            # A key that ends cannot make one that does not.
            expires_at=principal.ends_at,
        )
        row = await keys.save_key(connection, principal.tenant_id, new)
        ends_at = datetime.now(UTC) + timedelta(hours=body.overlap_hours)
        # A key that was to end sooner still does.
        ends_at = min(ends_at, old.expires_at) if old.expires_at else ends_at
        await keys.change_key(connection, old.key_id, {"expires_at": ends_at, "replaced_by": row.key_id})
        await parts.audit.record(connection, _entry(principal, "key.rotated", old, row))
    await parts.keys.refresh()
    return NewKeyAnswer(key=new.key, **_answer(row).model_dump())


@router.delete("/v1/keys/{key_id}", status_code=204, summary="Revoke a key 停用金鑰")
async def revoke_key(key_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """At once at this gateway, within two seconds at others."""
    async with open_transaction(parts.engine, principal.tenant_id) as connection:
        before = await _in_force(connection, key_id)
        after = await keys.change_key(connection, before.key_id, {"revoked_at": datetime.now(UTC)})
        await parts.audit.record(connection, _entry(principal, "key.revoked", before, after))
    await parts.keys.refresh()
    return Response(status_code=204)


def place_of_keys(cursor: str) -> tuple[datetime, str] | None:
    """Behind which key a page begins; None for the first."""
    if not cursor:
        return None
    place = place_of("keys", cursor, str, str)
    try:
        if place is not None:
            return datetime.fromisoformat(str(place[0])).astimezone(UTC), str(uuid.UUID(str(place[1])))
    except (ValueError, OverflowError):
        pass
    raise CursorNotValid("The cursor belongs to another list.")


async def _in_force(connection: Connection, key_id: uuid.UUID) -> KeyRow:
    found = await keys.load_key_in_force(connection, str(key_id))
    if found is None:
        raise KeyNotFound("There is no such key in force.")
    return found


def _refuse_more_than_own(
    principal: Principal, kind: KeyKind, scopes: Sequence[str], ends_at: datetime | None
) -> None:
    """A key cannot make one that may do more than itself, or for longer."""
    if principal.role is not None:
        return
    # Whatever its scopes say, a browser's or server's key sends events.
    needed = set(scopes) if kind == "restricted" else {*scopes, "events:write"}
    if not principal.holds(needed):
        raise NotAllowed("A key cannot make a key that may do more than itself.")
    if principal.ends_at is not None and (ends_at is None or ends_at > principal.ends_at):
        raise NotAllowed("A key that ends cannot make a key that lasts longer.")


def _entry(principal: Principal, action: str, before: KeyRow | None, after: KeyRow) -> Entry:
    subject = f"key:{(before or after).key_id}"
    return principal.did(action, subject, before=_told(before) if before else None, after=_told(after))


def _told(key: KeyRow) -> dict[str, Any]:
    """What the audit log says of a key."""
    return {
        "key_id": key.key_id,
        "kind": key.kind,
        "name": key.name,
        "scopes": list(key.scopes),
        # All would be more than an entry takes.
        "allowed_origins": list(key.allowed_origins[:_MOST_ORIGINS_TOLD]),
        "n_allowed_origins": len(key.allowed_origins),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
    }


def _answer(key: KeyRow) -> KeyAnswer:
    return KeyAnswer(
        id=key.key_id,
        kind=key.kind,
        name=key.name,
        hint=f"{key.prefix}…{key.last4}",
        allowed_origins=list(key.allowed_origins),
        scopes=list(key.scopes),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        replaced_by=key.replaced_by,
    )
