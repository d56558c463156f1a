"""Sessions of signed-in browsers: their cookies, their beginning and end, and which pages may use them."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from chassis.database import Engine
from services.gateway.errors.requests import KeyMissing
from services.gateway.errors.sign_in import FreshSignInNeeded, NotSignedIn, OtherOrigin, OwnSignInNeeded
from services.gateway.sealing import NotOurSeal, Sealer
from services.gateway.store import sessions as store
from services.gateway.store.sessions import Lifetimes, Method, NewSession, Session

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# For what opens an account to somebody else: factors, passkeys, the address, single sign-on.
_FRESH = timedelta(minutes=10)
_KNOWN_SECONDS = 365 * 24 * 3600
_KNOWN_USE = "known browser"
_MAX_BROWSER_CHARS = 300


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody signs in."""

    browser: str
    address: str
    # Teammates who signed in with this browser before, and which browser its cookie says it is; "": unknown.
    known: Sequence[str] = ()
    known_browser: str = ""

    def knows(self, teammate_id: str) -> bool:
        return teammate_id in self.known


@dataclass(frozen=True, slots=True)
class Started:
    """A session that began: what the browser is given."""

    token: str
    expires_at: datetime
    teammate_id: str


class Sessions:
    """One for the installation."""

    def __init__(self, engine: Engine, sealer: Sealer, public_url: str, lifetimes: Lifetimes) -> None:
        self._engine = engine
        self._sealer = sealer
        self.lifetimes = lifetimes
        self.origin = origin_of(public_url)
        self.secure = public_url.startswith("https://")
        # The prefix makes browsers refuse the cookie from anywhere but this host over https.
        prefix = "__Host-" if self.secure else ""
        self.cookie = f"{prefix}nexus_session"
        self._known_cookie = f"{prefix}nexus_known"

    async def load(self, request: Request) -> Session:
        """The signed-in teammate of a request; raises what is missing or wrong."""
        token = request.cookies.get(self.cookie)
        if token is None:
            raise KeyMissing("Sign in, or send a secret key.")
        if request.method not in _SAFE_METHODS:
            self.require_own_page(request)
        return await self.load_by(token)

    async def load_by(self, token: str) -> Session:
        """Raises NotSignedIn."""
        session = await store.load_session(self._engine, token_hash(token), self.lifetimes.idle)
        if session is None:
            raise NotSignedIn("The session has ended.")
        return session

    async def load_fresh(self, request: Request) -> Session:
        """For what opens an account: they showed who they are just now, to us and not to a provider."""
        session = await self.load_own(request)
        if datetime.now(UTC) - session.authenticated_at > _FRESH:
            raise FreshSignInNeeded("Show again who you are.")
        return session

    async def load_own(self, request: Request) -> Session:
        """Raises OwnSignInNeeded when only a tenant's identity provider vouches for them."""
        session = await self.load(request)
        if session.only_tenant is not None:
            raise OwnSignInNeeded("Single sign-on vouches for you in one tenant only.")
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
            own = origin in {self.origin, f"http://{host}", f"https://{host}"} - {""}
        else:
            own = unknown_is_own
        if not own:
            raise OtherOrigin("This page may not act for a signed-in teammate.")

    def place(self, request: Request) -> Place:
        """From where a request comes."""
        cookie = request.cookies.get(self._known_cookie, "")
        address = request.client.host if request.client else ""
        browser = request.headers.get("user-agent", "").replace("\0", "")[:_MAX_BROWSER_CHARS]
        known_browser, *known = self._known(cookie) or ("",)
        return Place(browser, address, known, known_browser)

    async def start(
        self,
        connection: AsyncConnection,
        teammate_id: str,
        place: Place,
        method: Method,
        *,
        second_factor: bool = False,
        only_tenant: str | None = None,
    ) -> Started:
        """A new session with a token that nobody had before."""
        token = secrets.token_urlsafe(32)
        new = NewSession(
            token_hash(token), teammate_id, method, second_factor, only_tenant, place.browser, place.address
        )
        ends_at = await store.save_session(connection, new, self.lifetimes.absolute)
        return Started(token, ends_at, teammate_id)

    async def renew(
        self, connection: AsyncConnection, session: Session, *, second_factor: bool = False
    ) -> str:
        """A new token, because what the browser may do has changed; `give` it with the answer."""
        token = secrets.token_urlsafe(32)
        shown = second_factor or session.second_factor
        await store.renew_session(connection, session.session_id, token_hash(token), second_factor=shown)
        return token

    def give(self, response: Response, token: str) -> None:
        """Set the session's cookie."""
        self._set(response, self.cookie, token, int(self.lifetimes.absolute.total_seconds()))

    def admit(self, response: Response, started: Started, place: Place) -> None:
        """Set the cookies of a session that began."""
        self.give(response, started.token)
        self.remember(response, started.teammate_id, place)

    def remember(self, response: Response, teammate_id: str, place: Place) -> None:
        """Know this browser for a year: nobody else's guessing slows it down."""
        known = [teammate_id, *(other for other in place.known if other != teammate_id)][:5]
        # The same in every cookie of this browser: tries are counted by it, and a new cookie must bring no
        # new ones.
        name = place.known_browser or secrets.token_hex(16)
        sealed = self._sealer.seal(_KNOWN_USE, " ".join([name, *known]).encode())
        self._set(response, self._known_cookie, sealed.decode(), _KNOWN_SECONDS)

    def dismiss(self, response: Response) -> None:
        """Take the session's cookie away."""
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="strict")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="strict"
        )

    def _known(self, cookie: str) -> Sequence[str]:
        """The browser's name and its teammates; nothing for a cookie that is not ours."""
        if not cookie:
            return ()
        try:
            opened = self._sealer.open_sealed(_KNOWN_USE, cookie.encode("utf-8", "replace"))
        except NotOurSeal:
            return ()
        return opened.decode().split(" ")


def token_hash(token: str) -> bytes:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def origin_of(url: str) -> str:
    """Scheme, host and port; "" of a text without a host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
