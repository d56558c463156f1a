"""Single sign-on: a trip to a tenant's identity provider and back, into a session for that tenant only.

A provider is the tenant's, and vouches for people in its own tenant: a session that it opens enters no other
tenant, changes nothing of the account, and is an admin's at most.
"""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Engine, open_transaction, open_untenanted
from services.gateway import oidc
from services.gateway.domain.permissions import Role
from services.gateway.domain.single_sign_on import domain_of, own_path
from services.gateway.errors.sign_in import SingleSignOnFailed, SingleSignOnOff
from services.gateway.oidc import Person
from services.gateway.outbound import Outbound
from services.gateway.sealing import Sealer
from services.gateway.sessions import Place, Sessions, Started
from services.gateway.store import memberships, teammates
from services.gateway.store import single_sign_on as store
from services.gateway.store.single_sign_on import Choice, Configuration
from services.gateway.store.teammates import Teammate
from services.gateway.store.tickets import Ticket, issue_ticket, take_ticket
from services.gateway.witness import Witness

CALLBACK = "/v1/session/single-sign-on/callback"
TRIP_SECONDS = 600
_USE = "single sign-on"
_MOST_CHOICES = 10


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what it keeps to show that it was itself that left."""

    url: str
    binding: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the provider's redirect brought."""

    state: str
    code: str
    issuer: str | None
    error: str
    binding: str


class SingleSignOn:
    """One for the installation."""

    def __init__(
        self,
        engine: Engine,
        *,
        sessions: Sessions,
        sealer: Sealer,
        outbound: Outbound,
        witness: Witness,
        public_url: str,
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._sealer = sealer
        self._outbound = outbound
        self._witness = witness
        self.redirect_uri = public_url + CALLBACK

    async def choices(self, email: str) -> list[Choice]:
        """Tenants whose provider knows the address's domain; raises SingleSignOnOff when there is none."""
        found = await store.load_choices(self._engine, domain_of(email), limit=_MOST_CHOICES)
        if not found:
            raise SingleSignOnOff("No tenant has single sign-on for this address.")
        return found

    async def check(self, issuer: str) -> None:
        """Whether it is a provider that we can work with; raises SingleSignOnFailed, AddressNotReachable."""
        await oidc.discover(self._outbound, issuer)

    def sealed(self, tenant_id: str, client_secret: str) -> bytes:
        """With its tenant, so that a row copied to another one opens nothing."""
        return self._sealer.seal(_USE, f"{tenant_id} {client_secret}".encode())

    async def depart(self, tenant_id: str, email: str, path: str) -> Departure:
        """Raises SingleSignOnOff, SingleSignOnFailed, AddressNotReachable."""
        configuration = await self._configuration(tenant_id)
        provider = await oidc.discover(self._outbound, configuration.issuer)
        binding, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        data = {
            "tenant_id": tenant_id,
            "nonce": nonce,
            "verifier": verifier,
            "path": own_path(path),
            "binding": _hashed(binding),
        }
        async with open_untenanted(self._engine) as connection:
            lifetime = timedelta(seconds=TRIP_SECONDS)
            state = await issue_ticket(connection, "single sign-on", Ticket(None, data), lifetime)
        url = oidc.authorization_url(
            provider, self._client(configuration), state=state, nonce=nonce, verifier=verifier, email=email
        )
        return Departure(url, binding)

    async def arrive(self, arrival: Arrival, place: Place) -> tuple[Started, str]:
        """The session, and the path to go on to. Raises SingleSignOnFailed, AddressNotReachable."""
        async with open_untenanted(self._engine) as connection:
            trip = await take_ticket(connection, "single sign-on", arrival.state)
        if trip is None or not hmac.compare_digest(trip.data["binding"], _hashed(arrival.binding)):
            raise SingleSignOnFailed("This sign-in began in another browser, was finished, or is too old.")
        if arrival.error or not arrival.code:
            raise SingleSignOnFailed("The provider refused.", error=arrival.error[:100])
        configuration = await self._configuration(trip.data["tenant_id"])
        provider = await oidc.discover(self._outbound, configuration.issuer)
        names = {configuration.issuer} if provider.names_itself else {configuration.issuer, None}
        if arrival.issuer not in names:
            raise SingleSignOnFailed("Another provider answered than was asked.")
        person = await oidc.exchange(
            self._outbound,
            provider,
            self._client(configuration),
            code=arrival.code,
            verifier=trip.data["verifier"],
            nonce=trip.data["nonce"],
        )
        return await self._admit(configuration, person, place), str(trip.data["path"])

    async def _admit(self, configuration: Configuration, person: Person, place: Place) -> Started:
        tenant_id = configuration.tenant_id
        async with open_transaction(self._engine, tenant_id) as connection:
            teammate, joined_as = await self._teammate(connection, configuration, person)
            started = await self._sessions.start(
                connection, teammate.teammate_id, place, "sso", only_tenant=tenant_id
            )
            facts = {"method": "sso"}
            if joined_as is not None:
                await self._witness.tell(
                    connection,
                    teammate,
                    "teammate.joined",
                    place,
                    facts={"role": joined_as, "teammate_email": teammate.email},
                    only_tenant=tenant_id,
                )
            await self._witness.tell(
                connection, teammate, "session.started", place, facts=facts, only_tenant=tenant_id
            )
        return started

    async def _teammate(
        self, connection: AsyncConnection, configuration: Configuration, person: Person
    ) -> tuple[Teammate, Role | None]:
        """Who the person is here: known by their subject, else by a proven address, else somebody new.

        With the role that they have just got; None: they were in.
        """
        joined_as: Role | None = None
        known = await store.load_subject(connection, configuration, person.subject)
        if known is not None:
            teammate = await teammates.load_teammate_in(connection, known)
        else:
            if domain_of(person.email) not in configuration.email_domains:
                raise SingleSignOnFailed("The address is in no domain that this tenant has proven.")
            teammate = await teammates.load_teammate_by_email(connection, person.email)
        role = await memberships.load_role(connection, teammate.teammate_id) if teammate else None
        if teammate is None or role is None:
            if configuration.default_role is None:
                raise SingleSignOnFailed("You were not invited to this tenant: ask an owner or admin of it.")
            teammate = teammate or await self._newcomer(connection, person)
            await memberships.save_membership(
                connection, configuration.tenant_id, teammate.teammate_id, configuration.default_role
            )
            joined_as = configuration.default_role
        await store.save_subject(connection, configuration, person.subject, teammate.teammate_id)
        return teammate, joined_as

    async def _newcomer(self, connection: AsyncConnection, person: Person) -> Teammate:
        new = Teammate(str(uuid.uuid4()), person.email, person.name, None)
        if not await memberships.save_teammate(connection, new):
            raise SingleSignOnFailed("Two sign-ins at once: try again.")
        return new

    async def _configuration(self, tenant_id: str) -> Configuration:
        found = await store.load_configuration(self._engine, tenant_id)
        if found is None:
            raise SingleSignOnOff("This tenant has no single sign-on.")
        return found

    def _client(self, configuration: Configuration) -> oidc.Client:
        opened = self._sealer.open_sealed(_USE, configuration.sealed_secret).decode()
        owner, _, secret = opened.partition(" ")
        if owner != configuration.tenant_id:
            raise SingleSignOnFailed("The stored secret belongs to another tenant.")
        return oidc.Client(configuration.issuer, configuration.client_id, secret, self.redirect_uri)


def _hashed(binding: str) -> str:
    return hashlib.sha256(binding.encode("utf-8", "surrogatepass")).hexdigest()
