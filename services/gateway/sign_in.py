"""Signing in: by password and second factor, or by passkey; and showing again who one is.

A failed try takes as long and answers the same whether the address is known or not.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import DatabaseUnavailable, Engine, open_untenanted
from services.gateway.attempts import Attempts
from services.gateway.domain.attempts import neighbourhood
from services.gateway.errors.sign_in import (
    CodeNotValid,
    NotSignedIn,
    PasskeyNotValid,
    SignInFailed,
    TicketNotValid,
)
from services.gateway.passkeys import Challenge, Json, Passkeys
from services.gateway.passwords import Passwords
from services.gateway.second_factors import SecondFactors
from services.gateway.sessions import Place, Sessions, Started
from services.gateway.store import teammates
from services.gateway.store.sessions import Method, Session, may_enter
from services.gateway.store.teammates import Teammate
from services.gateway.store.tickets import Ticket, issue_ticket, take_ticket, try_ticket
from services.gateway.witness import Witness

log = logging.getLogger(__name__)

_TICKET_LIFETIME = timedelta(minutes=5)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Half:
    """The password was right; a second factor is due with this ticket."""

    ticket: str


class SignIn:
    """One for the installation."""

    def __init__(
        self,
        engine: Engine,
        *,
        sessions: Sessions,
        passwords: Passwords,
        factors: SecondFactors,
        passkeys: Passkeys,
        attempts: Attempts,
        witness: Witness,
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._passwords = passwords
        self._factors = factors
        self._passkeys = passkeys
        self._attempts = attempts
        self._witness = witness
        self._telling: set[asyncio.Task[None]] = set()

    async def by_password(self, email: str, password: str, place: Place) -> Started | Half:
        """Raises SignInFailed, SignInTooOften."""
        teammate = await teammates.load_teammate(self._engine, email)
        await self._count(email, teammate, place)
        password_hash = teammate.password_hash if teammate else None
        right = await self._passwords.matches(password, password_hash)
        if teammate is None or not right:
            self._failed(teammate, place)
            raise SignInFailed("E-mail address or password is wrong.")
        await self._uncount(email, teammate, place)
        await self._require_tenant(teammate)
        await self._rehash(teammate, password)
        async with open_untenanted(self._engine) as connection:
            if not await self._factors.is_on(connection, teammate.teammate_id):
                return await self._begin(connection, teammate, place, "password", second_factor=False)
            half = Ticket(teammate.teammate_id, {})
            return Half(await issue_ticket(connection, "second factor", half, _TICKET_LIFETIME))

    async def by_code(self, ticket: str, code: str, place: Place) -> Started:
        """The second half; raises TicketNotValid, CodeNotValid, SignInTooOften."""
        half = await try_ticket(self._engine, "second factor", ticket, _TRIES)
        if half is None or half.teammate_id is None:
            raise TicketNotValid("This sign-in is too old, or too many codes were tried.")
        teammate = await self._teammate(half.teammate_id)
        await self._count_code(teammate, place)
        async with open_untenanted(self._engine) as connection:
            factor = await self._factors.use(connection, teammate.teammate_id, code)
            if factor is not None:
                # Two requests with one ticket and two good codes: the first one has it.
                if await take_ticket(connection, "second factor", ticket) is None:
                    raise TicketNotValid("This sign-in is finished.")
                if factor == "recovery_code":
                    await self._witness.warn(connection, teammate, "recovery_code_used", place)
                return await self._begin(connection, teammate, place, "password", second_factor=True)
        self._failed(teammate, place)
        raise CodeNotValid("The code is wrong, or was used before.")

    async def begin_by_passkey(self, place: Place) -> Challenge:
        """Raises SignInTooOften."""
        await self._attempts.require("passkey from address", neighbourhood(place.address))
        async with open_untenanted(self._engine) as connection:
            return await self._passkeys.begin_sign_in(connection)

    async def by_passkey(self, ticket: str, credential: Json, place: Place) -> Started:
        """Raises TicketNotValid, PasskeyNotValid."""
        passkey = await self._passkeys.verified(ticket, credential)
        teammate = await self._teammate(passkey.teammate_id)
        await self._require_tenant(teammate)
        async with open_untenanted(self._engine) as connection:
            return await self._begin(connection, teammate, place, "passkey", second_factor=True)

    async def require_password(self, session: Session, password: str, code: str, place: Place) -> bool:
        """Show again who one is, with a code where there is an authenticator app: whether there is one.

        Raises as a sign-in does.
        """
        teammate = await self._teammate(session.teammate_id)
        await self._count(session.email, teammate, place)
        if not await self._passwords.matches(password, teammate.password_hash):
            self._failed(teammate, place)
            raise SignInFailed("The password is wrong.")
        await self._uncount(session.email, teammate, place)
        async with open_untenanted(self._engine) as connection:
            if not await self._factors.is_on(connection, teammate.teammate_id):
                return False
        await self._count_code(teammate, place)
        async with open_untenanted(self._engine) as connection:
            if await self._factors.use(connection, teammate.teammate_id, code) is not None:
                return True
        self._failed(teammate, place)
        raise CodeNotValid("The code is wrong, or was used before.")

    async def require_passkey(self, session: Session, ticket: str, credential: Json) -> None:
        """The same by a passkey of this teammate."""
        passkey = await self._passkeys.verified(ticket, credential)
        if passkey.teammate_id != session.teammate_id:
            raise PasskeyNotValid("This passkey belongs to another account.")

    async def _begin(
        self,
        connection: AsyncConnection,
        teammate: Teammate,
        place: Place,
        method: Method,
        *,
        second_factor: bool,
    ) -> Started:
        started = await self._sessions.start(
            connection, teammate.teammate_id, place, method, second_factor=second_factor
        )
        known = place.knows(teammate.teammate_id)
        if not known:
            await self._witness.warn(connection, teammate, "new_sign_in", place)
        facts = {"method": method, "second_factor": second_factor, "known_browser": known}
        await self._witness.tell(connection, teammate, "session.started", place, facts=facts)
        return started

    async def _count(self, email: str, teammate: Teammate | None, place: Place) -> None:
        """One more try; raises SignInTooOften."""
        for kind, name in _counters(email, teammate, place):
            await self._attempts.require(kind, name)

    async def _uncount(self, email: str, teammate: Teammate | None, place: Place) -> None:
        """It was no guess."""
        for kind, name in _counters(email, teammate, place):
            await self._attempts.give_back(kind, name)

    async def _count_code(self, teammate: Teammate, place: Place) -> None:
        if place.knows(teammate.teammate_id):
            await self._attempts.require("code by known browser", _browser(teammate, place))
        else:
            await self._attempts.require("code", teammate.teammate_id)

    def _failed(self, teammate: Teammate | None, place: Place) -> None:
        """Told behind the answer, which must not take longer for accounts that exist."""
        if teammate is not None:
            task = asyncio.create_task(self._tell_failure(teammate, place))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell_failure(self, teammate: Teammate, place: Place) -> None:
        """A few times an hour: who guesses must not fill the log."""
        try:
            if await self._attempts.may("failure told", teammate.teammate_id):
                await self._witness.tell_alone(teammate, "session.refused", place)
        except DatabaseUnavailable:
            log.warning("failure_not_told", extra={"teammate_id": teammate.teammate_id})

    async def _require_tenant(self, teammate: Teammate) -> None:
        if not await may_enter(self._engine, teammate.teammate_id):
            raise SignInFailed("E-mail address or password is wrong.")

    async def _rehash(self, teammate: Teammate, password: str) -> None:
        """Today's parameters for a password that was hashed with older ones."""
        if teammate.password_hash is None or not self._passwords.is_outdated(teammate.password_hash):
            return
        password_hash = await self._passwords.hashed(password)
        async with open_untenanted(self._engine) as connection:
            await teammates.change_teammate(connection, teammate.teammate_id, password_hash=password_hash)

    async def _teammate(self, teammate_id: str) -> Teammate:
        found = await teammates.load_teammate_by_id(self._engine, teammate_id)
        if found is None:
            raise NotSignedIn("The account does not exist any more.")
        return found


def _browser(teammate: Teammate, place: Place) -> str:
    """A known browser's tries for one teammate: who has signed in there as somebody else gets no more."""
    return f"{place.known_browser} {teammate.teammate_id}"


def _counters(email: str, teammate: Teammate | None, place: Place) -> list[tuple[str, str]]:
    """What a try is counted by. A browser that was here before is not slowed down by what others try."""
    if teammate is not None and place.knows(teammate.teammate_id):
        return [("sign-in by known browser", _browser(teammate, place))]
    return [
        ("sign-in from address", neighbourhood(place.address)),
        ("sign-in as", email),
        ("sign-in by anybody", ""),
    ]
