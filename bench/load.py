"""The two ways to press on the gateway: as hard as it takes, or at a given pace as SDKs do."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.client import Client, Request, Troubles, open_clients
from bench.system import Tenant
from bench.traffic import Traffic

Address = tuple[str, int]


@dataclass(slots=True)
class LoadResult:
    """What came of a load. `latencies` are seconds from the first try to the final answer."""

    accepted: list[int]
    requests: int = 0
    refused: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    troubles: Troubles = field(default_factory=Troubles)

    @property
    def events(self) -> int:
        """Events answered 200, all tenants."""
        return sum(self.accepted)

    def take(self, request: Request, status: int, seconds: float) -> None:
        """Note a final answer."""
        self.requests += 1
        self.latencies.append(seconds)
        if status == 200:
            self.accepted[request.tenant] += request.events
        else:
            self.refused += 1


async def press(
    address: Address, tenants: Sequence[Tenant], *, clients: int, batch: int, seconds: float, seed: int
) -> LoadResult:
    """Every client sends its next request as soon as the last is answered."""
    path = "/v1/batch" if batch > 1 else "/v1/track"
    traffics = [
        Traffic(tenant.secret_key, index, batch, seed + index, path) for index, tenant in enumerate(tenants)
    ]
    result = LoadResult([0] * len(tenants))
    busy = clients
    done = asyncio.Event()
    turn = 0
    deadline = 0.0

    def send_next(client: Client) -> None:
        nonlocal turn, busy
        now = time.time()
        if now >= deadline:
            busy -= 1
            if not busy:
                done.set()
            return
        turn += 1
        client.send(traffics[turn % len(traffics)].next(now))

    def answered(client: Client, request: Request, status: int, seconds: float) -> None:
        result.take(request, status, seconds)
        send_next(client)

    opened = await open_clients(address, clients, answered)
    began = time.perf_counter()
    deadline = time.time() + seconds
    for client in opened.all:
        send_next(client)
    await done.wait()
    result.seconds = time.perf_counter() - began
    result.troubles = opened.troubles
    await opened.close()
    return result


async def pace(
    address: Address, tenants: Sequence[Tenant], *, events_per_second: float, seconds: float, seed: int
) -> LoadResult:
    """Half of the events alone, half in batches of 2 to 20, at random moments; answers are not waited for.

    Latency counts from the moment a request should have gone out, also when no connection was free.
    """
    rng = random.Random(seed)
    sizes = (1, 2, 5, 10, 20)
    # The share of requests of each size: half the events alone, the rest spread evenly over the batches.
    weights = [0.5, *(0.125 / size for size in sizes[1:])]
    traffics = [
        {
            size: Traffic(
                tenant.secret_key,
                index,
                size,
                seed * 31 + index * 7 + size,
                "/v1/batch" if size > 1 else "/v1/track",
            )
            for size in sizes
        }
        for index, tenant in enumerate(tenants)
    ]
    mean_size = sum(size * weight for size, weight in zip(sizes, weights, strict=True)) / sum(weights)
    result = LoadResult([0] * len(tenants))
    waiting: deque[Request] = deque()
    n_open = 0

    def answered(client: Client, request: Request, status: int, seconds: float) -> None:
        nonlocal n_open
        assert isinstance(request.tag, float)
        result.take(request, status, time.perf_counter() - request.tag)
        n_open -= 1
        if waiting:
            client.send(waiting.popleft())
        else:
            opened.idle.append(client)

    opened = await open_clients(address, 64, answered)
    began = time.perf_counter()
    due = began
    while due < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        while due <= time.perf_counter():
            size = rng.choices(sizes, weights)[0]
            request = rng.choice(traffics)[size].next(time.time())
            request.tag = due
            n_open += 1
            if opened.idle:
                opened.idle.pop().send(request)
            else:
                waiting.append(request)
            due += rng.expovariate(events_per_second / mean_size)
    while n_open:
        await asyncio.sleep(0.01)
    result.seconds = time.perf_counter() - began
    result.troubles = opened.troubles
    await opened.close()
    return result
