"""Passkeys (WebAuthn): made for an account, and enough to sign in, since the device verifies its owner."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import webauthn
from sqlalchemy.ext.asyncio import AsyncConnection
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chassis.database import Engine, open_untenanted
from services.gateway.errors.sign_in import PasskeyNotValid, TicketNotValid, TooManyPasskeys
from services.gateway.store import factors
from services.gateway.store.factors import NewPasskey, Passkey
from services.gateway.store.tickets import Purpose, Ticket, issue_ticket, take_ticket

MOST_PASSKEYS = 20
_LIFETIME = timedelta(minutes=5)
_CHALLENGE_BYTES = 32
# What the library raises for answers that are wrong or no answers at all.
_NO_PROOF = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser's `navigator.credentials` takes, and the ticket that belongs to its answer."""

    ticket: str
    options: Json


class Passkeys:
    """One for the installation; passkeys belong to the host name of its public address."""

    def __init__(self, engine: Engine, public_url: str) -> None:
        self._engine = engine
        parts = urlsplit(public_url)
        self._host = parts.hostname or ""
        self._origin = f"{parts.scheme}://{parts.netloc}"

    async def begin_registration(
        self, connection: AsyncConnection, teammate_id: str, email: str, name: str
    ) -> Challenge:
        """Raises TooManyPasskeys."""
        known = await factors.load_passkeys(connection, teammate_id)
        if len(known) >= MOST_PASSKEYS:
            raise TooManyPasskeys("You have as many passkeys as an account may have.", limit=MOST_PASSKEYS)
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name="Nexus",
            user_id=teammate_id.encode(),
            user_name=email,
            user_display_name=name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        )
        ticket = await _ticket(connection, "passkey registration", teammate_id, challenge)
        return Challenge(ticket, json.loads(webauthn.options_to_json(options)))

    async def registered(self, teammate_id: str, ticket: str, credential: Json, name: str) -> NewPasskey:
        """What the browser's answer proves; raises TicketNotValid, PasskeyNotValid."""
        challenge = await self._challenge("passkey registration", teammate_id, ticket)
        try:
            verified = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except _NO_PROOF as error:
            raise PasskeyNotValid("The browser's answer does not prove a new passkey.") from error
        return NewPasskey(
            verified.credential_id,
            teammate_id,
            verified.credential_public_key,
            verified.sign_count,
            name,
            verified.credential_backed_up,
        )

    async def begin_sign_in(self, connection: AsyncConnection) -> Challenge:
        """For whichever passkey of ours the browser's owner chooses: no account is named."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        options = webauthn.generate_authentication_options(
            rp_id=self._host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        ticket = await _ticket(connection, "passkey sign-in", None, challenge)
        return Challenge(ticket, json.loads(webauthn.options_to_json(options)))

    async def verified(self, ticket: str, credential: Json) -> Passkey:
        """Whose passkey has answered the challenge; raises TicketNotValid, PasskeyNotValid."""
        challenge = await self._challenge("passkey sign-in", None, ticket)
        try:
            credential_id = base64url_to_bytes(cast(str, credential["rawId"]))
        except _NO_PROOF as error:
            raise PasskeyNotValid("This is no answer of a passkey.") from error
        async with open_untenanted(self._engine) as connection:
            passkey = await factors.lock_passkey(connection, credential_id)
            if passkey is None:
                raise PasskeyNotValid("This passkey is not known here.")
            try:
                verified = webauthn.verify_authentication_response(
                    credential=dict(credential),
                    expected_challenge=challenge,
                    expected_rp_id=self._host,
                    expected_origin=self._origin,
                    credential_public_key=passkey.public_key,
                    credential_current_sign_count=passkey.sign_count,
                    require_user_verification=True,
                )
            except _NO_PROOF as error:
                raise PasskeyNotValid("The passkey's answer is not valid.") from error
            await factors.use_passkey(
                connection, passkey.passkey_id, verified.new_sign_count, verified.credential_backed_up
            )
        return passkey

    async def _challenge(self, purpose: Purpose, teammate_id: str | None, ticket: str) -> bytes:
        """The ticket's, which is used up by that even when the answer turns out to be wrong."""
        async with open_untenanted(self._engine) as connection:
            taken = await take_ticket(connection, purpose, ticket)
        if taken is None or taken.teammate_id != teammate_id:
            raise TicketNotValid("This was finished, or is too old.")
        return base64url_to_bytes(taken.data["challenge"])


async def _ticket(
    connection: AsyncConnection, purpose: Purpose, teammate_id: str | None, challenge: bytes
) -> str:
    data = {"challenge": bytes_to_base64url(challenge)}
    return await issue_ticket(connection, purpose, Ticket(teammate_id, data), _LIFETIME)
