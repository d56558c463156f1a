"""The laptop's mail server: keeps every letter as a file instead of sending it anywhere.

    python -m engines.mail --listen 127.0.0.1:8423 --data var/mail

The password comes from the environment, MAIL_PASSWORD; the user is `gateway`.
"""

import argparse
import asyncio
import hmac
import os
import secrets
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from engines.credentials import MAIL_USER

Authenticator = Callable[[SMTP, Session, Envelope, str, Any], AuthResult]

_MOST_LETTERS = 1000


class Mailbox:
    """A folder of .eml files; the oldest go when there are too many."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole letter."""
        del server, session
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"
        draft = self._folder / f"{name}.draft"
        draft.write_bytes(envelope.original_content or b"")
        draft.rename(self._folder / f"{name}.eml")
        kept = sorted(self._folder.glob("*.eml"))
        for old in kept[: max(0, len(kept) - _MOST_LETTERS)]:
            old.unlink(missing_ok=True)
        return "250 kept"


def _authenticator(password: str) -> Authenticator:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        del server, session, envelope, mechanism
        right = (
            isinstance(data, LoginPassword)
            and data.login == MAIL_USER.encode()
            and hmac.compare_digest(data.password, password.encode())
        )
        return AuthResult(success=right, handled=False)

    return check


async def serve(host: str, port: int, folder: Path, password: str) -> None:
    """Until SIGTERM."""
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def connection() -> SMTP:
        return SMTP(
            mailbox,
            hostname="localhost",
            enable_SMTPUTF8=True,
            authenticator=_authenticator(password),
            auth_required=True,
            # It listens on loopback only; there is nobody on the way.
            auth_require_tls=False,
        )

    server = await loop.create_server(connection, host, port)
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="engines.mail")
    parser.add_argument("--listen", required=True)
    parser.add_argument("--data", type=Path, required=True)
    chosen = parser.parse_args()
    host, _, port = chosen.listen.rpartition(":")
    asyncio.run(serve(host, int(port), chosen.data, os.environ["MAIL_PASSWORD"]))


if __name__ == "__main__":
    main()
