"""Letters to teammates: queued in the caller's transaction, sent by SMTP in the background."""

import asyncio
import json
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import DatabaseUnavailable, Engine
from services.gateway.domain.mail_addresses import mail_address
from services.gateway.sealing import NotOurSeal, Sealer
from services.gateway.store import letters

log = logging.getLogger(__name__)

_USE = "letter"
_LOOK_SECONDS = 1.0
_AT_ONCE = 10
_TIMEOUT_SECONDS = 30.0
# Longer than the whole try may take: another gateway never sends what this one is sending.
_LEASE = timedelta(seconds=_AT_ONCE * _TIMEOUT_SECONDS + 60)
_WAITS = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800)]

_letters = Counter("gateway_letters_total", "Letters by what became of them", ["outcome"])


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person; `keep_minutes` from now on it is worth sending."""

    to: str
    subject: str
    text: str
    html: str
    keep_minutes: int = 24 * 60


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed over: smtp:// (STARTTLS when the server has it) or smtps:// (TLS at once)."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool

    @classmethod
    def at(cls, url: str) -> "Server":
        """Raises SystemExit for a text that is no such URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SystemExit("GATEWAY_SMTP_URL: write smtp://user:password@host:587 or smtps://…:465")
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            parts.port or (465 if tls else 587),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            tls,
        )


class Mail:
    """Queues letters; `send_letters` sends them."""

    def __init__(self, engine: Engine, sealer: Sealer, smtp_url: str | None, sender: str) -> None:
        self._engine = engine
        self._sealer = sealer
        self._server = Server.at(smtp_url) if smtp_url else None
        self._sender = sender
        self._sender_address = parseaddr(sender)[1]

    async def queue(self, connection: AsyncConnection, letter: Letter) -> None:
        """Send it when the transaction commits, and not otherwise."""
        sealed = self._sealer.seal(_USE, json.dumps(asdict(letter)).encode())
        await letters.save_letter(connection, sealed, timedelta(minutes=letter.keep_minutes))

    async def send_letters(self) -> None:
        """For ever. At least once: a crash between sending and forgetting repeats the same Message-ID."""
        if self._server is None:
            log.warning("letters_wait", extra={"setting": "GATEWAY_SMTP_URL"})
        while True:
            try:
                if stale := await letters.delete_stale_letters(self._engine):
                    _letters.labels("too_late").inc(stale)
                    log.error("letters_too_late", extra={"letters": stale})
                if self._server is not None:
                    await self._send_due(self._server)
            except DatabaseUnavailable:
                log.warning("letters_waiting")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _send_due(self, server: Server) -> None:
        for letter_id, sealed, attempts in await letters.claim_letters(
            self._engine, lease=_LEASE, at_most=_AT_ONCE
        ):
            if await self._sent(server, letter_id, sealed):
                await letters.delete_letter(self._engine, letter_id)
            else:
                wait = _WAITS[min(attempts, len(_WAITS)) - 1]
                await letters.postpone_letter(self._engine, letter_id, wait)

    async def _sent(self, server: Server, letter_id: str, sealed: bytes) -> bool:
        """Whether there is nothing left to do: sent, or refused for good."""
        try:
            letter = Letter(**json.loads(self._sealer.open_sealed(_USE, sealed)))
        except NotOurSeal:
            log.error("letter_unreadable", extra={"letter": letter_id})
            return False
        try:
            message = self._message(letter_id, letter)
        except ValueError as error:
            # Stored before addresses were judged as they are today. It must not stop the other letters.
            log.error("letter_unwritable", extra={"letter": letter_id, "kind": type(error).__name__})
            _letters.labels("refused").inc()
            return True
        try:
            await aiosmtplib.send(
                message,
                # Named, so that no header decides who gets it.
                sender=self._sender_address,
                recipients=[letter.to],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls,
                timeout=_TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._given_up(letter_id, error)
        _letters.labels("sent").inc()
        return True

    def _given_up(self, letter_id: str, error: Exception) -> bool:
        """Whether the server refuses this letter itself; its words may name people: not logged."""
        codes = [error.code] if isinstance(error, aiosmtplib.SMTPResponseException) else []
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            codes = [refused.code for refused in error.recipients]
        wrong_login = isinstance(error, aiosmtplib.SMTPAuthenticationError)
        for_good = bool(codes) and min(codes) >= 500 and not wrong_login
        outcome = "refused" if for_good else "postponed"
        _letters.labels(outcome).inc()
        kind = type(error).__name__
        log.warning("letter_not_sent", extra={"letter": letter_id, "outcome": outcome, "kind": kind})
        return for_good

    def _message(self, letter_id: str, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self._sender
        # Raises where the header could be read as more than this one address.
        message["To"] = Address(addr_spec=mail_address(letter.to))
        # A shop's name may be part of it; one line, whatever the name holds.
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{letter_id}@{self._sender_address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message
