"""Whatever is sent: never a 5xx, never a lost neighbour, never much memory."""

import asyncio
import contextlib
import gzip
import json
import os
from collections.abc import AsyncIterator

import pytest

from services.gateway import http_server, unpacking
from tests.service.gateway.conftest import Gateway
from tests.service.gateway.tracking_door import Door, open_door

MEMORY_MB = 100

FIELDS = ["type", "messageId", "userId", "anonymousId", "event", "timestamp", "originalTimestamp", "sentAt"]
FIELDS += ["properties", "context", "traits", "name", "previousId", "writeKey"]
VALUES: dict[str, bytes] = {
    "number": b"12345678901234567890",
    "fraction": b"1e308",
    "out of range": b"1e999",
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "true": b"true",
    "list": b"[1,[2,{}]]",
    "object": b'{"a":{"b":null}}',
    "empty": b'""',
    "NUL": b'"a\\u0000b"',
    "raw control": b'"a\x00b"',
    "broken utf-8": b'"a\xff\xfeb"',
    "half a character": b'"\\ud83d"',
    "overlong": b'"' + b"x" * 2_000 + b'"',
    "deep": b"[" * 400 + b"]" * 400,
    "year 9999": b'"9999-12-31T23:59:59Z"',
    "year 1": b'"0001-01-01T00:00:00Z"',
    "bad escape": b'"\\x41"',
    "huge": b'"' + b"y" * 40_000 + b'"',
}
GOOD = (
    b'{"type":"track","messageId":"good%d","userId":"u","event":"Seen","properties":{"name":"\xe5\x95\x86"}}'
)
SINGLE = {"type": '"track"', "messageId": '"bad"', "userId": '"u"', "event": '"Seen"', "traits": "{}"}


def event_with(field: str, value: bytes) -> bytes:
    members = {name: text.encode() for name, text in SINGLE.items()} | {field: value}
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), text) for name, text in members.items()) + b"}"


BATCH = b'{"batch":[' + GOOD % 1 + b"]}"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "space": b" \n",
    "text": b"hello",
    "number": b"1",
    "null": b"null",
    "list": b"[" + GOOD % 1 + b"]",
    "open object": b'{"batch":[',
    "open text": b'{"batch":["',
    "no batch": b'{"events":[]}',
    "batch is null": b'{"batch":null}',
    "batch is an object": b'{"batch":{}}',
    "batch is text": b'{"batch":"[]"}',
    "two values": BATCH + BATCH,
    "cut": BATCH[:-3],
    "comma": b'{"batch":[,]}',
    "trailing comma": b'{"batch":[' + GOOD % 1 + b",]}",
    "wrong bracket": b'{"batch":[' + GOOD % 1 + b"}]",
    "utf-16": BATCH.decode().encode("utf-16"),
    "utf-32": BATCH.decode().encode("utf-32"),
    "half a million brackets": b"[" * 500_000,
    "half a million objects": b'{"a":' * 100_000,
    "many events": b'{"batch":[' + b",".join([b"{}"] * 100_000) + b"]}",
    "many broken events": b'{"batch":[' + b",".join([b"NaN"] * 100_000) + b"]}",
    "many members": b"{" + b",".join(b'"a%d":1' % n for n in range(40_000)) + b',"batch":[]',
    "quotes": b'"' * 400_000,
    "one megabyte": b'{"batch":[{"pad":"' + b"x" * 1_000_000 + b'"}]}',
    "gzip cut": gzip.compress(BATCH)[:-12],
    "gzip damaged": gzip.compress(BATCH)[:12] + b"\xff" * 40,
    "gzip and noise": gzip.compress(BATCH) + b"noise",
    "gzip twice": gzip.compress(gzip.compress(BATCH)),
    "gzip bomb": gzip.compress(b"\0" * 400_000_000),
    "gzip bomb in members": gzip.compress(b" " * 10_000_000) * 40,
    "empty gzip members": gzip.compress(b"") * 20_000,
}
# The body as a whole is broken, its events can be told apart all the same: how many there are.
SALVAGED: dict[str, tuple[bytes, int]] = {
    "latin-1": ('{"batch":[{"userId":"é"},{"userId":"e"}],"x":"é"}'.encode("latin-1"), 2),
    "broken key": (b'{"\xff":1,"batch":[1]}', 1),
    "deep batch": (b'{"batch":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1),
    "backslashes": (b'{"batch":["' + b"\\" * 400_000 + b'"]}', 1),
    "not a number": (b'{"batch":[NaN,{},-,1e,"\\x"]}', 5),
}
HEADERS: dict[str, dict[str, str]] = {
    "key is not base64": {"authorization": "Basic !!!"},
    "key is empty": {"authorization": "Basic Og=="},
    "no scheme": {"authorization": "pk_live"},
    "unknown scheme": {"authorization": "Digest abc"},
    "key is very long": {"authorization": "Bearer " + "x" * 8_000},
    "key is not text": {"authorization": "Basic //79/Ds="},
    "unknown encoding": {"content-encoding": "br"},
    "says gzip": {"content-encoding": "gzip"},
}


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    async with open_door(tmp_path_factory.mktemp("bus")) as door:
        yield door


def resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000


async def post(door: Door, path: str, content: bytes, headers: dict[str, str]) -> int:
    answer = await door.client.post(path, content=content, headers=headers)
    assert answer.status_code < 500, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"]
    return answer.status_code


async def counts(door: Door, key: str) -> tuple[int, int]:
    accepted = sum(len(message.kinds) for message in await door.accepted(key))
    return accepted, len(await door.rejected(key))


@pytest.mark.parametrize("field", FIELDS)
async def test_malformed_events_are_counted_and_their_neighbours_survive(door: Door, field: str) -> None:
    key = door.keys.add("server")
    headers = {"authorization": f"Bearer {key}"}
    for number, value in enumerate(VALUES.values()):
        events = [GOOD % (2 * number), event_with(field, value), GOOD % (2 * number + 1)]
        assert await post(door, "/v1/batch", b'{"batch":[' + b",".join(events) + b"]}", headers) == 200
    ids = [one for message in await door.accepted(key) for one in message.message_ids]
    assert {f"good{number}" for number in range(2 * len(VALUES))} <= set(ids)
    assert sum(await counts(door, key)) == 3 * len(VALUES)


@pytest.mark.parametrize("field", FIELDS)
async def test_a_malformed_single_call_is_refused_or_counted(door: Door, field: str) -> None:
    key = door.keys.add("browser")
    headers = {"authorization": f"Bearer {key}"}
    statuses = [await post(door, "/v1/track", event_with(field, value), headers) for value in VALUES.values()]
    assert sum(await counts(door, key)) == statuses.count(200)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/batch", "/v1/identify"])
async def test_a_malformed_body_is_refused_and_nothing_of_it_stored(door: Door, name: str, path: str) -> None:
    before = resident_mb()
    for headers in ({}, {"authorization": f"Bearer {door.keys.add('server')}"}):
        status = await post(door, path, BODIES[name], headers)
        if path == "/v1/batch" or not headers:
            assert 400 <= status < 500
    assert resident_mb() - before < MEMORY_MB


@pytest.mark.parametrize("name", SALVAGED)
async def test_events_of_a_broken_body_are_counted_where_they_can_be_told_apart(
    door: Door, name: str
) -> None:
    key = door.keys.add("server")
    body, events = SALVAGED[name]
    assert await post(door, "/v1/batch", body, {"authorization": f"Bearer {key}"}) == 200
    assert await counts(door, key) == (0, events)


@pytest.mark.parametrize("name", HEADERS)
async def test_malformed_headers_are_refused(door: Door, name: str) -> None:
    headers = {"authorization": f"Bearer {door.keys.add('server')}"} | HEADERS[name]
    assert 400 <= await post(door, "/v1/batch", BATCH, headers) < 500


async def test_announcing_much_and_sending_nothing_shuts_nobody_out(door: Door) -> None:
    host, _, port = door.url.removeprefix("http://").strip("/").partition(":")
    key = door.keys.add("browser")
    writers = []
    for _ in range(200):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /v1/batch HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n{")
        writers.append(writer)
    await asyncio.sleep(0.3)
    assert await post(door, "/v1/batch", BATCH, {"authorization": f"Bearer {key}"}) == 200
    for writer in writers:
        writer.close()


async def test_hostile_bodies_at_once_take_little_memory(door: Door) -> None:
    key = door.keys.add("server")
    headers = {"authorization": f"Bearer {key}"}
    names = ["gzip bomb", "gzip bomb in members", "half a million brackets", "many broken events"]
    before = resident_mb()
    await asyncio.gather(*(post(door, "/v1/batch", BODIES[name], headers) for name in names * 8))
    assert resident_mb() - before < MEMORY_MB
    content = json.dumps({"batch": [{"type": "track", "userId": "u", "event": "after"}]}).encode()
    assert await post(door, "/v1/batch", content, headers) == 200


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Slow: ", b""),
        (
            b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Length: 9\r\n\r\n{",
            b"408",
        ),
    ],
)
async def test_a_client_that_stops_sending_is_let_go(
    door: Door, monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes
) -> None:
    monkeypatch.setattr(http_server, "_HEADER_SECONDS", 0.3)
    monkeypatch.setattr(http_server, "_SILENT_BODY_SECONDS", 1.0)
    monkeypatch.setattr(unpacking, "_BODY_SECONDS", 0.3)
    host, _, port = door.url.removeprefix("http://").rstrip("/").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent.replace(b"KEY", door.keys.add("browser").encode()))
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := await asyncio.wait_for(reader.read(1000), 10):
            received += chunk
    assert received[9:12] == answer
    writer.close()


async def test_a_body_that_drips_is_not_waited_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_BODY_SECONDS", 0.5)
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /v1/session HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"
    )
    ended = asyncio.create_task(reader.read(1000))
    # Never silent for long.
    with contextlib.suppress(ConnectionError):
        for _ in range(50):
            if ended.done():
                break
            writer.write(b" ")
            await asyncio.sleep(0.1)
    assert ended.done()
    with contextlib.suppress(ConnectionError):
        assert not (await ended).startswith(b"HTTP/1.1 2")
    writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n",
        b"POST /v1/b%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_malformed_http_is_answered_with_a_client_error(door: Door, request_bytes: bytes) -> None:
    host, _, port = door.url.removeprefix("http://").rstrip("/").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_bytes)
    answer = await asyncio.wait_for(reader.read(200), 10)
    assert answer.startswith(b"HTTP/1.1 4")
    writer.close()
