"""What a tenant may have us fetch: public addresses only, the one that was judged, no redirect, no flood."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.gateway.errors.sign_in import AddressNotReachable
from services.gateway.outbound import Outbound


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says always the same, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://localhost/",
        "http://93.184.215.14/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://user:password@shop.example/",
        "https://",
        "no url at all",
    ],
)
async def test_nothing_inside_is_reached(url: str) -> None:
    with pytest.raises(AddressNotReachable):
        await Outbound(private=False).fetch("GET", url)


@pytest.mark.parametrize(
    "host",
    [
        "[fec0::1]",
        "168.63.129.16",
        "100.100.100.200",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
    ],
)
async def test_what_only_looks_public_is_judged_before_anybody_is_asked(host: str) -> None:
    with pytest.raises(AddressNotReachable, match="not a public one"):
        await Outbound(private=False).fetch("GET", f"https://{host}/")


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://224.0.0.1/"])
async def test_a_cloud_machines_secrets_are_out_of_reach_on_a_laptop_too(url: str) -> None:
    with pytest.raises(AddressNotReachable):
        await Outbound(private=True).fetch("GET", url)


async def test_one_private_answer_spoils_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("93.184.215.14", "10.0.0.1")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(AddressNotReachable):
        await Outbound(private=False).fetch("GET", "https://rebinding.example/")


async def test_a_name_that_changes_its_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes where the first answer led, with the name in Host."""
    content = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
    async with answering(content) as (port, asked):
        loop, real, answers = (
            asyncio.get_running_loop(),
            asyncio.get_running_loop().getaddrinfo,
            iter(["127.0.0.1"]),
        )

        async def resolve(host: Any, *more: Any, **named: Any) -> Any:
            if host == "rebinding.example":
                host = next(answers, "169.254.169.254")
            return await real(host, *more, **named)

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        answer = await Outbound(private=True).fetch("GET", f"http://rebinding.example:{port}/x")
    assert answer.body == b"ok"
    assert f"host: rebinding.example:{port}".encode() in asked[0].lower()


async def test_a_redirect_is_not_followed() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (inside, asked):
        redirect = f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n"
        async with answering(redirect.encode()) as (port, _):
            with pytest.raises(AddressNotReachable):
                await Outbound(private=True).fetch("GET", f"http://127.0.0.1:{port}/")
    assert asked == []


async def test_a_flood_is_cut_off() -> None:
    content = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * (1024 * 1024 + 1)
    async with answering(content) as (port, _):
        with pytest.raises(AddressNotReachable):
            await Outbound(private=True).fetch("GET", f"http://127.0.0.1:{port}/")


async def test_a_page_is_followed_to_where_it_is_and_read_from_its_beginning() -> None:
    long = b"<title>shop</title>" + b"x" * (1024 * 1024)
    async with answering(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + long) as (inside, asked):
        there = f"http://127.0.0.1:{inside}/zh?a=1"
        moved = f"HTTP/1.1 301 Moved\r\nlocation: {there}#top\r\ncontent-length: 0\r\n\r\n"
        async with answering(moved.encode()) as (port, _):
            page = await Outbound(private=True).read_page(f"http://127.0.0.1:{port}/", agent="check")
    assert (page.url, page.status, page.body) == (there, 200, long[: 1024 * 1024])
    assert asked[0].startswith(b"GET /zh?a=1 ")
    assert b"user-agent: check" in asked[0].lower()


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://user:p@127.0.0.1/", "//", "/"],
)
async def test_no_redirect_leads_a_page_inside_or_round_in_circles(target: str) -> None:
    moved = f"HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
    async with answering(moved.encode()) as (port, asked):
        with pytest.raises(AddressNotReachable):
            await Outbound(private=True).read_page(f"http://127.0.0.1:{port}/", agent="check")
    assert len(asked) <= 6


async def test_a_packed_page_is_unpacked_no_further_than_a_plain_one_is_read() -> None:
    packed = gzip.compress(b"<p>" * 3_000_000)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"
    async with answering(head + packed) as (port, _):
        page = await Outbound(private=True).read_page(f"http://127.0.0.1:{port}/", agent="check")
    assert page.body == (b"<p>" * 3_000_000)[: 1024 * 1024]
    async with answering(head + b"not gzip") as (port, _):
        with pytest.raises(AddressNotReachable):
            await Outbound(private=True).read_page(f"http://127.0.0.1:{port}/", agent="check")
