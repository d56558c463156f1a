"""A sender that ignores every refusal: batches at a given pace, in a process of its own."""

import asyncio
import itertools
import json
import os
import sys
import time

from bench.traffic import Traffic

BATCH = 20
CONNECTIONS = 16
# Made beforehand, more than the quota lets in: the sender's own work is no part of what its neighbours feel.
PREPARED = 3_000


async def _send(address: tuple[str, int], requests: "asyncio.Queue[bytes]", counts: dict[int, int]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    while True:
        writer.write(await requests.get())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        status = int(head[9:12])
        counts[status] = counts.get(status, 0) + 1
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(*address)


async def flood(address: tuple[str, int], secret_key: str, events_per_second: float, seconds: float) -> None:
    """Print as JSON how many requests got which status."""
    traffic = Traffic(secret_key, 0, BATCH, seed=os.getpid() & 0xFFFF)
    now = time.time()
    prepared = itertools.cycle([traffic.next(now).data for _ in range(PREPARED)])
    counts: dict[int, int] = {}
    # As many as are under way; what does not fit is not sent, as from a sender with so many connections.
    requests: asyncio.Queue[bytes] = asyncio.Queue(CONNECTIONS)
    senders = [asyncio.create_task(_send(address, requests, counts)) for _ in range(CONNECTIONS)]
    began = due = time.perf_counter()
    while due < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        while due <= time.perf_counter():
            due += BATCH / events_per_second
            if not requests.full():
                requests.put_nowait(next(prepared))
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    print(json.dumps(counts))


if __name__ == "__main__":
    host, port, key, rate, lasting = sys.argv[1:]
    # On this machine, but not of it: it sends at its pace all the same, as the counts show.
    os.nice(19)
    asyncio.run(flood((host, int(port)), key, float(rate), float(lasting)))
