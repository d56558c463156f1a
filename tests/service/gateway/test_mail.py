"""Letters: sent exactly when their transaction commits, until they arrive, and never readable at rest."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from chassis.database import Engine, open_engine, open_untenanted
from services.gateway.letters import reset_letter, written
from services.gateway.mail import Mail
from services.gateway.sealing import Sealer
from services.gateway.store.letters import letters as waiting
from tests.service.gateway.conftest import ENCRYPTION_KEY, PATIENCE_SECONDS, Gateway
from tests.smtp_server import link_of, text_of


@asynccontextmanager
async def a_queue(gateway: Gateway) -> AsyncIterator[tuple[Mail, Engine]]:
    """Queues letters that the gateway sends."""
    async with open_engine(gateway.engines.postgres_url("gateway")) as engine:
        yield Mail(engine, Sealer(ENCRYPTION_KEY), None, "nobody"), engine


def an_address() -> str:
    return f"{uuid.uuid4().hex}@shop.example"


async def test_a_letter_arrives_with_both_its_forms(gateway: Gateway) -> None:
    to = an_address()
    link = "https://nexus.example/reset#token=a&b"
    async with a_queue(gateway) as (mail, engine):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, reset_letter(to, link, "zh-TW", 30))
        letter = await gateway.letters.next_to(to)
    assert letter["Subject"] == "重設密碼"
    assert letter["From"] == "Nexus <no-reply@localhost>"
    assert link_of(letter) == link
    html = letter.get_body(("html",))
    assert html is not None and 'href="https://nexus.example/reset#token=a&amp;b"' in html.get_content()


async def test_what_is_rolled_back_is_never_told(gateway: Gateway) -> None:
    undone, done = an_address(), an_address()
    async with a_queue(gateway) as (mail, engine):
        with contextlib.suppress(RuntimeError):
            async with open_untenanted(engine) as connection:
                await mail.queue(connection, written(undone, "a", ["b"], language="en"))
                raise RuntimeError
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(done, "a", ["b"], language="en"))
        await gateway.letters.next_to(done)
    assert gateway.letters.to(undone) == []


async def test_a_name_with_line_breaks_writes_no_headers(gateway: Gateway) -> None:
    to = an_address()
    name = "Shop\r\nBcc: everybody@shop.example"
    async with a_queue(gateway) as (mail, engine):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(to, name, [f"<b>{name}</b>"], language="en"))
        letter = await gateway.letters.next_to(to)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Shop Bcc: everybody@shop.example"
    html = letter.get_body(("html",))
    assert html is not None and "<b>Shop" not in html.get_content()


async def test_a_busy_server_is_asked_again_and_a_refusal_is_final(gateway: Gateway) -> None:
    to, refused = an_address(), an_address()
    gateway.letters.answers[to] = ["451 later"]
    async with a_queue(gateway) as (mail, engine):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(to, "later", ["b"], language="en"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while gateway.letters.answers[to]:
                await asyncio.sleep(0.05)
        assert gateway.letters.to(to) == []
        await gateway.letters.next_to(to)
        gateway.letters.answers[refused] = ["550 nobody here"]
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(refused, "never", ["b"], language="en"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while gateway.letters.answers[refused]:
                await asyncio.sleep(0.05)
        # It would be asked again after five seconds.
        await asyncio.sleep(6)
    assert gateway.letters.to(refused) == []
    assert text_of(gateway.letters.to(to)[0]).strip() == "b"


async def test_at_rest_a_letter_is_sealed(gateway: Gateway) -> None:
    link = "https://nexus.example/reset#token=secret"
    async with a_queue(gateway) as (mail, engine), open_untenanted(engine) as connection:
        await mail.queue(connection, reset_letter(an_address(), link, "en", 30))
        rows = await connection.execute(sa.select(waiting.c.sealed))
        sealed = b"".join(row.sealed for row in rows)
        assert sealed and b"secret" not in sealed and b"shop.example" not in sealed
        await connection.execute(sa.delete(waiting))


async def test_a_letter_that_cannot_be_written_stops_no_other(gateway: Gateway) -> None:
    good = an_address()
    async with a_queue(gateway) as (mail, engine):
        for to in ("a@[shop.example", "(a@shop.example", "me@evil.example,you@shop.example", good):
            async with open_untenanted(engine) as connection:
                await mail.queue(connection, written(to, "a", ["b"], language="en"))
        await gateway.letters.next_to(good)
    assert all("evil" not in letter["To"] for letter in gateway.letters.arrived)
