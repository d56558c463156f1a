"""The two ways to press on the gateway: as hard as it takes, or at a given pace as SDKs do."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.client import Client, Clients, Request, Troubles, open_clients
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


SIZES = (1, 2, 5, 10, 20)
# The share of requests of each size: half the events alone, the rest spread evenly over the batches.
WEIGHTS = (0.5, *(0.125 / size for size in SIZES[1:]))
MEAN_SIZE = sum(size * weight for size, weight in zip(SIZES, WEIGHTS, strict=True)) / sum(WEIGHTS)


async def pace(
    address: Address, tenants: Sequence[Tenant], *, events_per_second: float, seconds: float, seed: int
) -> LoadResult:
    """The standard load, half of the events alone, half in batches of 2 to 20, at random moments."""
    rng = random.Random(seed)
    traffics = [
        {
            size: Traffic(
                tenant.secret_key,
                index,
                size,
                seed * 31 + index * 7 + size,
                "/v1/batch" if size > 1 else "/v1/track",
            )
            for size in SIZES
        }
        for index, tenant in enumerate(tenants)
    ]
    result = LoadResult([0] * len(tenants))

    def next_request(size: int) -> Request:
        return rng.choice(traffics)[size].next(time.time())

    pacer = Pacer(next_request, result.take, events_per_second, rng)
    await pacer.run(address, seconds)
    result.seconds, result.troubles = pacer.seconds, pacer.troubles
    return result


class Pacer:
    """Sends at a given pace and does not wait for answers.

    Latency counts from the moment a request should have gone out, also when no connection was free.
    """

    def __init__(
        self,
        next_request: Callable[[int], Request],
        take: Callable[[Request, int, float], None],
        events_per_second: float,
        rng: random.Random,
    ) -> None:
        self._next_request = next_request
        self._take = take
        self._rate = events_per_second / MEAN_SIZE
        self._rng = rng
        self._waiting: deque[Request] = deque()
        self._due: dict[int, float] = {}
        self._clients: Clients | None = None
        self._stopped = False
        self.requests = 0
        self.seconds = 0.0
        self.troubles = Troubles()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True

    async def run(self, address: Address, seconds: float) -> None:
        """Until the time is over or `stop` is called, and every request has its answer."""
        clients = self._clients = await open_clients(address, 64, self._answered)
        self.troubles = clients.troubles
        began = due = time.perf_counter()
        while due < began + seconds and not self._stopped:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            while due <= time.perf_counter():
                self._send(due, clients)
                due += self._rng.expovariate(self._rate)
        while self._due:
            await asyncio.sleep(0.01)
        self.seconds = time.perf_counter() - began
        await clients.close()

    def _send(self, due: float, clients: Clients) -> None:
        request = self._next_request(self._rng.choices(SIZES, WEIGHTS)[0])
        self._due[id(request)] = due
        self.requests += 1
        if clients.idle:
            clients.idle.pop().send(request)
        else:
            self._waiting.append(request)

    def _answered(self, client: Client, request: Request, status: int, seconds: float) -> None:
        self._take(request, status, time.perf_counter() - self._due.pop(id(request)))
        if self._waiting:
            client.send(self._waiting.popleft())
        elif self._clients is not None:
            self._clients.idle.append(client)
