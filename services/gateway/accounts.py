"""Accounts: passwords, addresses, factors and sessions changed, and each change told to its owner."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import DatabaseUnavailable, Engine, open_untenanted
from services.gateway.attempts import Attempts
from services.gateway.domain.attempts import neighbourhood
from services.gateway.errors.sign_in import (
    CodeNotValid,
    EmailTaken,
    NotSignedIn,
    PasskeyNotFound,
    PasskeyNotValid,
    SecondFactorOff,
    TicketNotValid,
)
from services.gateway.letters import confirm_letter, reset_letter
from services.gateway.mail import Mail
from services.gateway.passkeys import Json, Passkeys
from services.gateway.passwords import Passwords
from services.gateway.second_factors import SecondFactors
from services.gateway.sessions import Place
from services.gateway.store import factors, sessions, teammates
from services.gateway.store.sessions import Session
from services.gateway.store.teammates import Teammate
from services.gateway.store.tickets import Ticket, issue_ticket, take_ticket, void_tickets
from services.gateway.witness import Witness

log = logging.getLogger(__name__)

_LINK_MINUTES = 30


class Accounts:
    """One for the installation. `public_url` is where links in letters lead, whatever a request says."""

    def __init__(
        self,
        engine: Engine,
        *,
        passwords: Passwords,
        second_factors: SecondFactors,
        passkeys: Passkeys,
        attempts: Attempts,
        mail: Mail,
        witness: Witness,
        public_url: str,
    ) -> None:
        self._engine = engine
        self._passwords = passwords
        self._factors = second_factors
        self._passkeys = passkeys
        self._attempts = attempts
        self._mail = mail
        self._witness = witness
        self._public_url = public_url
        self._writing: set[asyncio.Task[None]] = set()

    async def new_password(self, session: Session, password: str) -> str:
        """Its hash. Raises PasswordNotGood."""
        self._passwords.require_good(password, session.email, session.name)
        return await self._passwords.hashed(password)

    async def change_password(
        self, connection: AsyncConnection, session: Session, password_hash: str, place: Place
    ) -> None:
        """Ends every other session."""
        teammate = await self._teammate(connection, session.teammate_id)
        await self._set_password(connection, teammate, password_hash, keep=session.session_id)
        await self._witness.warn(connection, teammate, "password_changed", place)
        await self._witness.tell(connection, teammate, "password.changed", place)

    async def ask_reset(self, email: str, place: Place) -> None:
        """Write to the address if somebody signs in with it. Behind the answer, which tells nothing."""
        await self._attempts.require("reset from address", neighbourhood(place.address))
        task = asyncio.create_task(self._send_reset(email, place))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _send_reset(self, email: str, place: Place) -> None:
        try:
            teammate = await teammates.load_teammate(self._engine, email)
            if teammate is None or not await self._attempts.may("reset to", email):
                return
            async with open_untenanted(self._engine) as connection:
                lifetime = timedelta(minutes=_LINK_MINUTES)
                ticket = Ticket(teammate.teammate_id, {})
                token = await issue_ticket(connection, "password reset", ticket, lifetime)
                # In the fragment: it reaches no server's log and no other site.
                url = f"{self._public_url}/reset#{token}"
                letter = reset_letter(teammate.email, url, teammate.language, _LINK_MINUTES)
                await self._mail.queue(connection, letter)
                await self._witness.tell(connection, teammate, "password.reset_asked", place)
        except DatabaseUnavailable:
            log.warning("reset_not_sent")

    async def reset_password(self, token: str, password: str, place: Place) -> str:
        """Whose it was; ends all their sessions.

        Raises TicketNotValid, SignInTooOften; PasswordNotGood keeps the token.
        """
        self._passwords.require_good(password)
        # Hashing costs more than anything else that a stranger can ask for.
        await self._attempts.require("reset done from address", neighbourhood(place.address))
        password_hash = await self._passwords.hashed(password)
        async with open_untenanted(self._engine) as connection:
            ticket = await take_ticket(connection, "password reset", token)
            if ticket is None or ticket.teammate_id is None:
                raise TicketNotValid("This link was used, or is older than 30 minutes.")
            teammate = await self._teammate(connection, ticket.teammate_id)
            # Leaves the transaction undone, the token included: they choose another one.
            self._passwords.require_good(password, teammate.email, teammate.name)
            await self._set_password(connection, teammate, password_hash, keep=None)
            await self._witness.warn(connection, teammate, "password_changed", place)
            await self._witness.tell(connection, teammate, "password.reset", place)
        return teammate.teammate_id

    async def _set_password(
        self, connection: AsyncConnection, teammate: Teammate, password_hash: str, *, keep: str | None
    ) -> None:
        await teammates.change_teammate(connection, teammate.teammate_id, password_hash=password_hash)
        await sessions.delete_sessions(connection, teammate.teammate_id, but=keep)
        await void_tickets(connection, teammate.teammate_id)

    async def ask_email(self, session: Session, email: str) -> None:
        """Write to the new address; it counts once the link in the letter was opened."""
        await self._attempts.require("reset to", email)
        async with open_untenanted(self._engine) as connection:
            if await teammates.email_is_taken(connection, email):
                # Not said to whoever asks: it would tell them who has an account.
                return
            ticket = Ticket(session.teammate_id, {"email": email})
            token = await issue_ticket(connection, "email change", ticket, timedelta(minutes=_LINK_MINUTES))
            url = f"{self._public_url}/account#confirm={token}"
            teammate = await self._teammate(connection, session.teammate_id)
            await self._mail.queue(connection, confirm_letter(email, url, teammate.language, _LINK_MINUTES))

    async def confirm_email(self, session: Session, token: str, place: Place) -> None:
        """Raises TicketNotValid, EmailTaken."""
        async with open_untenanted(self._engine) as connection:
            ticket = await take_ticket(connection, "email change", token)
            if ticket is None or ticket.teammate_id != session.teammate_id:
                raise TicketNotValid("This link was used, is older than 30 minutes, or is another account's.")
            teammate = await self._teammate(connection, session.teammate_id)
            email = str(ticket.data["email"])
            if await teammates.email_is_taken(connection, email):
                raise EmailTaken("Another account signs in with this address.")
            await teammates.change_teammate(connection, teammate.teammate_id, email=email)
            await sessions.delete_sessions(connection, teammate.teammate_id, but=session.session_id)
            await void_tickets(connection, teammate.teammate_id)
            # To the old address, whose owner may not have wanted it.
            await self._witness.warn(connection, teammate, "email_changed", place)
            facts = {"teammate_email": email}
            await self._witness.tell(connection, teammate, "account.email_changed", place, facts=facts)

    async def confirm_codes(
        self, connection: AsyncConnection, session: Session, code: str, place: Place
    ) -> Sequence[str]:
        """Turn the authenticator app on; its recovery codes. Raises CodeNotValid."""
        teammate = await self._teammate(connection, session.teammate_id)
        recovery = await self._factors.confirm(connection, session.teammate_id, code)
        if recovery is None:
            raise CodeNotValid("The code is wrong. Does the phone's clock go right?")
        await sessions.delete_sessions(connection, session.teammate_id, but=session.session_id)
        await self._witness.warn(connection, teammate, "second_factor_on", place)
        await self._witness.tell(connection, teammate, "second_factor.added", place)
        return recovery

    async def turn_codes_off(self, connection: AsyncConnection, session: Session, place: Place) -> None:
        """Raises SecondFactorOff."""
        teammate = await self._teammate(connection, session.teammate_id)
        if not await factors.delete_one_time_codes(connection, session.teammate_id):
            raise SecondFactorOff("There is no authenticator app.")
        await self._witness.warn(connection, teammate, "second_factor_off", place)
        await self._witness.tell(connection, teammate, "second_factor.removed", place)

    async def new_recovery_codes(self, session: Session, place: Place) -> Sequence[str]:
        """In place of the old ones. Raises SecondFactorOff."""
        async with open_untenanted(self._engine) as connection:
            if not await self._factors.is_on(connection, session.teammate_id):
                raise SecondFactorOff("Recovery codes belong to an authenticator app.")
            teammate = await self._teammate(connection, session.teammate_id)
            codes = await self._factors.new_recovery_codes(connection, session.teammate_id)
            await self._witness.warn(connection, teammate, "recovery_codes_made", place)
            await self._witness.tell(connection, teammate, "recovery_codes.made", place)
        return codes

    async def add_passkey(
        self, session: Session, ticket: str, credential: Json, name: str, place: Place
    ) -> str:
        """Its id. Raises TicketNotValid, PasskeyNotValid."""
        new = await self._passkeys.registered(session.teammate_id, ticket, credential, name)
        async with open_untenanted(self._engine) as connection:
            passkey_id = await factors.save_passkey(connection, new)
            if passkey_id is None:
                raise PasskeyNotValid("This passkey is known already.")
            teammate = await self._teammate(connection, session.teammate_id)
            await self._witness.warn(connection, teammate, "passkey_added", place)
            facts = {"passkey_id": passkey_id}
            await self._witness.tell(connection, teammate, "passkey.added", place, facts=facts)
        return passkey_id

    async def remove_passkey(self, session: Session, passkey_id: str, place: Place) -> None:
        """Raises PasskeyNotFound."""
        async with open_untenanted(self._engine) as connection:
            if not await factors.delete_passkey(connection, session.teammate_id, passkey_id):
                raise PasskeyNotFound("You have no such passkey.")
            teammate = await self._teammate(connection, session.teammate_id)
            await self._witness.warn(connection, teammate, "passkey_removed", place)
            facts = {"passkey_id": passkey_id}
            await self._witness.tell(connection, teammate, "passkey.removed", place, facts=facts)

    async def tell_change(
        self, connection: AsyncConnection, session: Session, fields: Sequence[str], place: Place
    ) -> None:
        """Which fields of an account were changed."""
        teammate = await self._teammate(connection, session.teammate_id)
        facts = {"fields": list(fields)}
        await self._witness.tell(connection, teammate, "account.changed", place, facts=facts)

    async def end_session(self, session: Session, session_id: str, place: Place) -> bool:
        """One of theirs; whether there was such a one."""
        async with open_untenanted(self._engine) as connection:
            if not await sessions.delete_session(connection, session.teammate_id, session_id):
                return False
            teammate = await self._teammate(connection, session.teammate_id)
            facts = {"session_id": session_id}
            await self._witness.tell(
                connection, teammate, "session.ended", place, facts=facts, only_tenant=session.only_tenant
            )
        return True

    async def end_sessions(self, session: Session, place: Place) -> None:
        """All of them."""
        async with open_untenanted(self._engine) as connection:
            n_ended = await sessions.delete_sessions(connection, session.teammate_id)
            teammate = await self._teammate(connection, session.teammate_id)
            facts = {"sessions": n_ended}
            await self._witness.tell(connection, teammate, "sessions.ended", place, facts=facts)

    async def _teammate(self, connection: AsyncConnection, teammate_id: str) -> Teammate:
        found = await teammates.load_teammate_in(connection, teammate_id)
        if found is None:
            raise NotSignedIn("The account does not exist any more.")
        return found
