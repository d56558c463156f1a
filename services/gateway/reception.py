"""Where the parts of signing in meet."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.database import Engine
from services.gateway.accounts import Accounts
from services.gateway.attempts import Attempts
from services.gateway.audit import AuditLog
from services.gateway.mail import Mail
from services.gateway.outbound import Outbound
from services.gateway.passkeys import Passkeys
from services.gateway.passwords import Passwords
from services.gateway.sealing import Sealer
from services.gateway.second_factors import SecondFactors
from services.gateway.sessions import Sessions
from services.gateway.settings import Settings
from services.gateway.sign_in import SignIn
from services.gateway.single_sign_on import SingleSignOn
from services.gateway.store.sessions import Lifetimes
from services.gateway.witness import Witness


@dataclass(frozen=True, slots=True)
class Reception:
    """What `Parts` is given of it."""

    sessions: Sessions
    passwords: Passwords
    attempts: Attempts
    factors: SecondFactors
    passkeys: Passkeys
    sign_in: SignIn
    accounts: Accounts
    single_sign_on: SingleSignOn


def reception(settings: Settings, engine: Engine, sealer: Sealer, mail: Mail, audit: AuditLog) -> Reception:
    """Built once by main."""
    lifetimes = Lifetimes(
        absolute=timedelta(hours=settings.session_hours), idle=timedelta(hours=settings.session_idle_hours)
    )
    sessions = Sessions(engine, sealer, settings.public_url, lifetimes)
    passwords = Passwords()
    attempts = Attempts(engine)
    factors = SecondFactors(sealer)
    passkeys = Passkeys(engine, settings.public_url)
    witness = Witness(engine, mail, audit, settings.public_url)
    return Reception(
        sessions=sessions,
        passwords=passwords,
        attempts=attempts,
        factors=factors,
        passkeys=passkeys,
        sign_in=SignIn(
            engine,
            sessions=sessions,
            passwords=passwords,
            factors=factors,
            passkeys=passkeys,
            attempts=attempts,
            witness=witness,
        ),
        accounts=Accounts(
            engine,
            passwords=passwords,
            second_factors=factors,
            passkeys=passkeys,
            attempts=attempts,
            mail=mail,
            witness=witness,
            public_url=settings.public_url,
        ),
        single_sign_on=SingleSignOn(
            engine,
            sessions=sessions,
            sealer=sealer,
            outbound=Outbound(private=settings.private_outbound),
            witness=witness,
            public_url=settings.public_url,
        ),
    )
