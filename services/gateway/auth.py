"""Who asks, for which tenant, and what they may do: by secret key or by signed-in browser."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from services.gateway.domain.audit import Entry, Facts
from services.gateway.domain.keys import KeyRing
from services.gateway.domain.masking import Sight
from services.gateway.domain.permissions import Role, allowed, scopes_of
from services.gateway.errors.requests import KeyNotKnown, NotAllowed, SecretKeyRequired, TenantNotFound
from services.gateway.errors.sign_in import SecondFactorRequired
from services.gateway.errors.teammates import NotWhileActing
from services.gateway.partners import TOKEN_PREFIX, Partners
from services.gateway.sessions import Sessions, token_hash
from services.gateway.store.sessions import Session

TENANT_HEADER = "X-Tenant"
__all__ = ["Door", "Principal", "address_of", "key_of", "token_hash"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose tenant is settled: a key with its scopes, or a teammate with a role and a session."""

    tenant_id: str
    # What a key may; empty for a teammate.
    scopes: frozenset[str] = frozenset()
    # None for a key.
    role: Role | None = None
    session: Session | None = None
    # "" but for a key.
    key_id: str = ""
    # "" but for a partner's token.
    partner_id: str = ""
    # When a key ends by itself; None: never, and for everybody else.
    ends_at: datetime | None = None
    # How often its tenant may call; None: as often as the installation lets anybody.
    calls_per_second: float | None = None
    # From where, for the audit log.
    address: str = ""

    @property
    def name(self) -> str:
        """Who it is in records: "teammate:<id>", "operator:<id>", "key:<id>" or "partner:<id>"."""
        if self.session and self.session.acting:
            return f"operator:{self.session.teammate_id}"
        if self.session:
            return f"teammate:{self.session.teammate_id}"
        return f"partner:{self.partner_id}" if self.partner_id else f"key:{self.key_id}"

    def holds(self, scopes: Iterable[str]) -> bool:
        """Whether a key or a partner has all of these; "read" and "manage" stand for many."""
        return scopes_of(frozenset(scopes)) - {"read", "manage"} <= self.scopes

    def did(
        self, action: str, subject: str, *, before: Facts | None = None, after: Facts | None = None
    ) -> Entry:
        """What the audit log keeps of an act of this caller; domain/audit.py says what belongs in it."""
        return Entry(self.tenant_id, self.name, action, subject, before or {}, after or {}, self.address)

    def may(self, operation: str) -> bool:
        """Whether domain/permissions.py lets this caller do it."""
        return allowed(operation, role=self.role, scopes=self.scopes, acting=self.acting)

    @property
    def sight(self) -> Sight:
        """What of people it sees unasked: a key or a partner everything that it may read."""
        return Sight(everything=self.session is None)

    @property
    def acting(self) -> bool:
        """Whether it is an operator inside somebody else's tenant."""
        return self.session is not None and self.session.acting is not None

    def require(self, operation: str) -> None:
        """Raise NotAllowed unless the caller may."""
        if not self.may(operation):
            if allowed(operation, role=self.role, scopes=self.scopes):
                raise NotWhileActing("A teammate of the tenant may do this; an operator may not.")
            raise NotAllowed("This needs a permission the caller does not have.", operation=operation)


class Door:
    """Lets callers in."""

    def __init__(self, engine: AsyncEngine, keys: KeyRing, sessions: Sessions) -> None:
        self._partners = Partners(engine)
        self._keys = keys
        self.sessions = sessions

    async def principal(self, request: Request) -> Principal:
        """The caller of a request; raises what is missing or wrong."""
        key = key_of(request.headers.get("authorization", ""))
        if key is not None and key.startswith(TOKEN_PREFIX):
            return await self._by_token(key, request)
        if key is not None:
            return self._by_key(key, request)
        session = await self.session(request)
        tenant_id = self._chosen(request, session)
        membership = next(m for m in session.memberships if m.tenant_id == tenant_id)
        # A tenant's own identity provider asks for as many factors as the tenant likes.
        weak = not session.second_factor and session.only_tenant is None
        if membership.second_factor_required and weak:
            raise SecondFactorRequired("This tenant asks for a second factor.")
        return Principal(tenant_id, role=membership.role, session=session, address=address_of(request))

    def _by_key(self, key: str, request: Request) -> Principal:
        found = self._keys.find(key)
        if found is None:
            raise KeyNotKnown("There is no such key, or it was revoked.")
        if found.kind == "browser":
            raise SecretKeyRequired("A browser key cannot read or change anything.")
        return Principal(
            found.tenant_id,
            scopes_of(found.scopes),
            key_id=found.key_id,
            ends_at=found.expires_at,
            address=address_of(request),
            calls_per_second=found.calls_per_second,
        )

    async def _by_token(self, token: str, request: Request) -> Principal:
        found = await self._partners.find(token)
        if found is None:
            raise KeyNotKnown("This token has ended, or its grant was withdrawn.")
        if found.tenant_id is None:
            raise NotAllowed("This token is for no tenant: ask for one with `tenant`.")
        return Principal(
            found.tenant_id,
            found.scopes,
            partner_id=found.partner_id,
            address=address_of(request),
            calls_per_second=found.calls_per_second,
        )

    async def partner(self, request: Request) -> str:
        """The id of the partner whose token a request has."""
        token = key_of(request.headers.get("authorization", "")) or ""
        found = await self._partners.find(token) if token.startswith(TOKEN_PREFIX) else None
        if found is None:
            raise KeyNotKnown("Send a partner's token that is in force.")
        return found.partner_id

    def credential(self, request: Request) -> str:
        """What the request proves its caller with; only to derive keys from."""
        return request.headers.get("authorization", "") or request.cookies.get(self.sessions.cookie, "")

    def _chosen(self, request: Request, session: Session) -> str:
        wanted = request.headers.get(TENANT_HEADER, session.tenant_id)
        if all(membership.tenant_id != wanted for membership in session.memberships):
            raise TenantNotFound("You do not belong to such a tenant.")
        return wanted

    async def session(self, request: Request) -> Session:
        """The signed-in teammate of a request."""
        return await self.sessions.load(request)

    def require_own_page(self, request: Request, *, unknown_is_own: bool = False) -> None:
        """Raise OtherOrigin for a request that another site's page makes in a browser."""
        self.sessions.require_own_page(request, unknown_is_own=unknown_is_own)


def address_of(request: Request) -> str:
    """Where a request comes from; "" when the server does not say."""
    return request.client.host if request.client else ""


def key_of(authorization: str) -> str | None:
    """The key in an Authorization header: a bearer's token, or the user name of Basic; None without one."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            return ""
    return None
