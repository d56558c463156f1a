"""Letters: sent exactly when their transaction commits, until they arrive, and never readable at rest."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Engine, open_engine, open_untenanted
from chassis.process import in_background
from services.gateway.letters import reset_letter, written
from services.gateway.mail import Mail
from services.gateway.sealing import Sealer
from services.gateway.store.letters import letters as waiting
from tests.service.gateway.conftest import ENCRYPTION_KEY
from tests.smtp_server import Letters, link_of, running_smtp_server, text_of


@pytest.fixture
async def server() -> AsyncIterator[Letters]:
    async with running_smtp_server() as letters:
        yield letters


@asynccontextmanager
async def a_mailer(engines: Any, url: str | None) -> AsyncIterator[tuple[Mail, Engine]]:
    async with open_engine(engines.postgres_url("gateway")) as engine:
        yield Mail(engine, Sealer(ENCRYPTION_KEY), url, "Nexus <no-reply@nexus.example>"), engine


def an_address() -> str:
    return f"{uuid.uuid4().hex}@shop.example"


async def test_a_letter_arrives_with_both_its_forms(engines: Any, server: Letters) -> None:
    to = an_address()
    link = "https://nexus.example/reset#token=a&b"
    async with a_mailer(engines, server.url) as (mail, engine), in_background(mail.send_letters()):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, reset_letter(to, link, "zh-TW", 30))
        letter = await server.next_to(to)
    assert letter["Subject"] == "重設密碼"
    assert letter["From"] == "Nexus <no-reply@nexus.example>"
    assert link_of(letter) == link
    html = letter.get_body(("html",))
    assert html is not None and 'href="https://nexus.example/reset#token=a&amp;b"' in html.get_content()


async def test_what_is_rolled_back_is_never_told(engines: Any, server: Letters) -> None:
    undone, done = an_address(), an_address()
    async with a_mailer(engines, server.url) as (mail, engine), in_background(mail.send_letters()):
        with contextlib.suppress(RuntimeError):
            async with open_untenanted(engine) as connection:
                await mail.queue(connection, written(undone, "a", ["b"], language="en"))
                raise RuntimeError
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(done, "a", ["b"], language="en"))
        await server.next_to(done)
    assert server.to(undone) == []


async def test_a_name_with_line_breaks_writes_no_headers(engines: Any, server: Letters) -> None:
    to = an_address()
    name = "Shop\r\nBcc: everybody@shop.example"
    async with a_mailer(engines, server.url) as (mail, engine), in_background(mail.send_letters()):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(to, name, [f"<b>{name}</b>"], language="en"))
        letter = await server.next_to(to)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Shop Bcc: everybody@shop.example"
    html = letter.get_body(("html",))
    assert html is not None and "<b>Shop" not in html.get_content()


async def test_a_busy_server_is_asked_again_and_a_refusal_is_final(
    engines: Any, server: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, refused = an_address(), an_address()
    server.answers = ["451 later"]
    async with a_mailer(engines, server.url) as (mail, engine), in_background(mail.send_letters()):
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(to, "later", ["b"], language="en"))
        async with asyncio.timeout(10):
            while server.answers:
                await asyncio.sleep(0.05)
        assert server.to(to) == []
        await server.next_to(to)
        server.answers = ["550 nobody here"]
        async with open_untenanted(engine) as connection:
            await mail.queue(connection, written(refused, "never", ["b"], language="en"))
        async with asyncio.timeout(10):
            while server.answers or await _waiting(engine):
                await asyncio.sleep(0.05)
    assert server.to(refused) == []
    assert text_of(server.to(to)[0]).strip() == "b"


async def test_at_rest_a_letter_is_sealed(engines: Any) -> None:
    link = "https://nexus.example/reset#token=secret"
    async with a_mailer(engines, None) as (mail, engine), open_untenanted(engine) as connection:
        await mail.queue(connection, reset_letter(an_address(), link, "en", 30))
        rows = await connection.execute(sa.select(waiting.c.sealed))
        sealed = b"".join(row.sealed for row in rows)
        assert sealed and b"secret" not in sealed and b"shop.example" not in sealed
        await connection.execute(sa.delete(waiting))


async def _waiting(engine: Engine) -> int:
    async with open_untenanted(engine) as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0)
