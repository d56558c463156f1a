"""Partners: companies that act for several tenants, with tokens of OAuth 2's client credentials (RFC 6749).

A token is for one tenant, and for no more than that tenant granted; withdrawn grants end it at once, since
every use is looked up.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.database import Engine
from services.gateway.domain.keys import letters_from
from services.gateway.store import partners as store
from services.gateway.store.partners import Partner, Token

TOKEN_PREFIX = "at_live_"  # noqa: S105 - how tokens begin, not one
CLIENT_PREFIX = "client_"
SECRET_PREFIX = "cs_live_"  # noqa: S105
TOKEN_SECONDS = 3600


class TokenRefused(Exception):
    """`error` is one of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; shown once."""

    token: str
    scopes: Sequence[str]


def secret_hash(secret: str) -> bytes:
    """What is stored of a client secret or token: neither can be guessed, so a fast hash does."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class Partners:
    """Makes partners, issues their tokens and recognises them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def make(self, partner_id: str, name: str) -> tuple[Partner, str]:
        """A new partner and its first secret."""
        client_id = CLIENT_PREFIX + letters_from(secrets.token_bytes(32))[:24].lower()
        secret = _new_secret()
        return await store.save_partner(
            self._engine, partner_id, name, (client_id, secret_hash(secret))
        ), secret

    async def new_secret(self, partner_id: str, overlap_hours: float) -> str:
        """Another secret; the old ones stay in force for the overlap."""
        secret = _new_secret()
        ends_at = datetime.now(UTC) + timedelta(hours=overlap_hours)
        await store.replace_secret(self._engine, partner_id, secret_hash(secret), ends_at)
        return secret

    async def issue(
        self, client_id: str, client_secret: str, tenant_id: str | None, scopes: Sequence[str]
    ) -> Issued:
        """A token for a tenant, with `scopes` of those granted, or with all; raises TokenRefused."""
        found = await store.load_client(self._engine, client_id)
        given = secret_hash(client_secret)
        # Every secret is compared, so that time does not tell how many there are.
        matches = [hmac.compare_digest(given, known) for known in (found[1] if found else [])]
        if found is None or not any(matches):
            raise TokenRefused("invalid_client", "Client id or secret is wrong, or the partner was closed.")
        partner = found[0]
        chosen: list[str] = []
        if tenant_id is not None:
            granted = await store.load_granted(self._engine, partner.partner_id, tenant_id)
            if granted is None:
                raise TokenRefused("invalid_target", "This tenant has granted nothing to this partner.")
            beyond = set(scopes) - set(granted.scopes)
            if beyond:
                raise TokenRefused("invalid_scope", f"Not granted: {' '.join(sorted(beyond))}.")
            chosen = sorted(set(scopes) or set(granted.scopes))
        elif scopes:
            raise TokenRefused("invalid_scope", "Scopes need a tenant: send its id as `tenant`.")
        token = TOKEN_PREFIX + letters_from(secrets.token_bytes(32))
        await store.save_token(
            self._engine,
            secret_hash(token),
            partner.partner_id,
            tenant_id,
            scopes=chosen,
            expires_at=datetime.now(UTC) + timedelta(seconds=TOKEN_SECONDS),
        )
        return Issued(token, chosen)

    async def find(self, token: str) -> Token | None:
        """What a token stands for now; None when it is not in force."""
        return await store.load_token(self._engine, secret_hash(token))


def _new_secret() -> str:
    return SECRET_PREFIX + letters_from(secrets.token_bytes(32))
