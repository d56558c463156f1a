"""The secrets of one installation: made once, kept in a file that only its owner can read."""

import base64
import os
import secrets
from pathlib import Path

import msgspec

from chassis.tenancy import new_signing_key

SERVICES = ("gateway", "identity", "insight", "recommender", "campaign")
CLICKHOUSE_DATABASES = ("insight", "recommender")
MAIL_USER = "gateway"


class CredentialsUnreadable(Exception):
    """The file is there but is not what we wrote."""


class SigningKey(msgspec.Struct, frozen=True):
    """An Ed25519 pair as JSON Web Keys."""

    private: str
    public: str


class Credentials(msgspec.Struct, frozen=True):
    """Passwords by user, and the keys services sign their calls with."""

    postgres: dict[str, str]
    nats: dict[str, str]
    clickhouse: dict[str, str]
    signing: dict[str, SigningKey]
    operator_key: str
    # Older installations lack these; `load_credentials` adds them.
    encryption_key: str = ""
    mail: str = ""


def new_credentials() -> Credentials:
    """Fresh secrets for every user of every engine."""

    def passwords(users: list[str]) -> dict[str, str]:
        return {user: secrets.token_hex(16) for user in users}

    roles = [role for service in SERVICES for role in (service, owner_role(service))]
    return Credentials(
        postgres=passwords(["postgres", *roles]),
        nats=passwords(["system", *SERVICES]),
        clickhouse=passwords(list(CLICKHOUSE_DATABASES)),
        signing={service: SigningKey(*new_signing_key()) for service in SERVICES},
        operator_key="op_" + secrets.token_hex(24),
        encryption_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        mail=secrets.token_hex(16),
    )


def owner_role(database: str) -> str:
    """Who owns a database's tables and runs its migrations; never the one who serves."""
    return f"{database}_owner"


def load_credentials(path: Path) -> Credentials:
    """The installation's secrets, made on the first call."""
    if path.exists():
        try:
            known = msgspec.json.decode(path.read_bytes(), type=Credentials)
        except msgspec.DecodeError as error:
            raise CredentialsUnreadable(f"{path} cannot be read: {error}") from error
        if known.encryption_key and known.mail:
            return known
        fresh = new_credentials()
        credentials = msgspec.structs.replace(known, encryption_key=fresh.encryption_key, mail=fresh.mail)
    else:
        credentials = new_credentials()
    write_private(path, msgspec.json.format(msgspec.json.encode(credentials), indent=2))
    return credentials


def write_private(path: Path, content: bytes) -> None:
    """Write a file that appears whole and that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
