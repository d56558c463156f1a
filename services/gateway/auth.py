"""Who asks, for which tenant, and what they may do: by secret key or by signed-in browser."""

import base64
import binascii
import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from services.gateway.domain.attempts import Allowance, Attempts
from services.gateway.domain.audit import Entry, Facts
from services.gateway.domain.keys import KeyRing
from services.gateway.domain.permissions import Role, allowed, scopes_of
from services.gateway.errors import (
    KeyMissing,
    KeyNotKnown,
    NotAllowed,
    NotSignedIn,
    OtherOrigin,
    SecretKeyRequired,
    SignInFailed,
    SignInTooOften,
    TenantNotFound,
)
from services.gateway.passwords import Passwords
from services.gateway.store import teammates
from services.gateway.store.teammates import Session

TENANT_HEADER = "X-Tenant"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose tenant is settled: a key with its scopes, or a teammate with a role and a session."""

    tenant_id: str
    # What a key may; empty for a teammate.
    scopes: frozenset[str] = frozenset()
    # None for a key.
    role: Role | None = None
    session: Session | None = None
    # "" for a teammate.
    key_id: str = ""
    # From where, for the audit log.
    address: str = ""

    @property
    def name(self) -> str:
        """Who it is in records: "teammate:<id>" or "key:<id>"."""
        return f"teammate:{self.session.teammate_id}" if self.session else f"key:{self.key_id}"

    def did(
        self, action: str, subject: str, *, before: Facts | None = None, after: Facts | None = None
    ) -> Entry:
        """What the audit log keeps of an act of this caller; domain/audit.py says what belongs in it."""
        return Entry(self.tenant_id, self.name, action, subject, before or {}, after or {}, self.address)

    def may(self, operation: str) -> bool:
        """Whether domain/permissions.py lets this caller do it."""
        return allowed(operation, role=self.role, scopes=self.scopes)

    def require(self, operation: str) -> None:
        """Raise NotAllowed unless the caller may."""
        if not self.may(operation):
            raise NotAllowed("This needs a permission the caller does not have.", operation=operation)


class Door:
    """Lets callers in."""

    def __init__(
        self, engine: AsyncEngine, keys: KeyRing, passwords: Passwords, public_url: str, session_hours: float
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._passwords = passwords
        self._public_origin = _origin(public_url)
        self._lifetime = timedelta(hours=session_hours)
        self._by_email = Attempts(Allowance(burst=10, seconds_each=6))
        self._by_address = Attempts(Allowance(burst=30, seconds_each=2))
        self.secure = public_url.startswith("https://")
        # The prefix makes browsers refuse the cookie from anywhere but this host over https.
        self.cookie = "__Host-nexus_session" if self.secure else "nexus_session"

    async def principal(self, request: Request) -> Principal:
        """The caller of a request; raises what is missing or wrong."""
        key = key_of(request.headers.get("authorization", ""))
        if key is not None:
            return self._by_key(key)
        session = await self.session(request)
        tenant_id = self._chosen(request, session)
        role = next(m.role for m in session.memberships if m.tenant_id == tenant_id)
        return Principal(tenant_id, role=role, session=session)

    def _by_key(self, key: str) -> Principal:
        found = self._keys.find(key)
        if found is None:
            raise KeyNotKnown("There is no such key, or it was revoked.")
        if found.kind != "server":
            raise SecretKeyRequired("A browser key cannot read or change anything.")
        return Principal(found.tenant_id, scopes_of(found.scopes), key_id=found.key_id)

    def _chosen(self, request: Request, session: Session) -> str:
        wanted = request.headers.get(TENANT_HEADER, session.tenant_id)
        if all(membership.tenant_id != wanted for membership in session.memberships):
            raise TenantNotFound("You do not belong to such a tenant.")
        return wanted

    async def session(self, request: Request) -> Session:
        """The signed-in teammate of a request."""
        token = request.cookies.get(self.cookie)
        if token is None:
            raise KeyMissing("Sign in, or send a secret key.")
        if request.method not in _SAFE_METHODS:
            self.require_own_page(request)
        session = await teammates.load_session(self._engine, token_hash(token))
        if session is None:
            raise NotSignedIn("The session has ended.")
        return session

    def require_own_page(self, request: Request, *, unknown_is_own: bool = False) -> None:
        """Raise OtherOrigin for a request that another site's page makes in a browser.

        `unknown_is_own` lets clients through that are no browsers; only where no cookie is used.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            own = site == "same-origin"
        elif (origin := request.headers.get("origin")) is not None:
            host = request.headers.get("host", "")
            own = origin in {self._public_origin, f"http://{host}", f"https://{host}"} - {""}
        else:
            own = unknown_is_own
        if not own:
            raise OtherOrigin("This page may not act for a signed-in teammate.")

    async def sign_in(self, email: str, password: str, address: str) -> tuple[str, datetime]:
        """A new session's token and end; the same refusal whether the address or the password is wrong."""
        now = time.monotonic()
        wait = self._by_address.wait_seconds(address, now) or self._by_email.wait_seconds(email, now)
        if wait:
            raise SignInTooOften("Too many attempts to sign in.", retry_after_seconds=int(wait) + 1)
        teammate = await teammates.load_teammate(self._engine, email)
        password_hash = teammate.password_hash if teammate else None
        if not await self._passwords.matches(password, password_hash) or teammate is None:
            raise SignInFailed("E-mail address or password is wrong.")
        memberships = await teammates.load_memberships(self._engine, teammate.teammate_id)
        if not memberships:
            raise SignInFailed("E-mail address or password is wrong.")
        token, expires_at = secrets.token_urlsafe(32), datetime.now(UTC) + self._lifetime
        await teammates.save_session(
            self._engine, token_hash(token), teammate.teammate_id, memberships[0].tenant_id, expires_at
        )
        return token, expires_at


def token_hash(token: str) -> bytes:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


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


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
