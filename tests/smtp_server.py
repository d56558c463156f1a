"""A real mail server for tests: keeps what it is sent, and can be told to refuse."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE_SECONDS = 15.0


@dataclass
class Letters:
    """What arrived, in order; `answers` are said to the next letters to an address instead of taking them."""

    url: str = ""
    arrived: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.answers.get(envelope.rcpt_tos[0] or "")
        if said:
            return said.pop(0)
        letter = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.arrived.append(letter)
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.arrived if letter["To"] == address]

    async def next_to(self, address: str, after: int = 0) -> EmailMessage:
        """The letter to an address that comes after so many others; waits for it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.to(address)) <= after:
                await asyncio.sleep(0.05)
        return self.to(address)[after]


def text_of(letter: EmailMessage) -> str:
    """Its plain text."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_of(letter: EmailMessage) -> str:
    """The one link in it."""
    return next(word for word in text_of(letter).split() if word.startswith("http"))


@asynccontextmanager
async def running_smtp_server() -> AsyncIterator[Letters]:
    """One for the whole test run: gateways that share a database send each other's letters."""
    if not _running:
        letters = Letters()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(letters, hostname="localhost", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
        )
        letters.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        _running.append((letters, server))
    yield _running[0][0]


# Ends with the event loop, which all tests share.
_running: list[tuple[Letters, asyncio.Server]] = []
