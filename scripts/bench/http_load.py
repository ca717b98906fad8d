"""Load on a server, all of it from one process: clients with connections of their own.

In turn, each client asks again when it has its answer. At a rate, requests are due at fixed times, whether or not the server
keeps up. Latency counts from the time when a request was due, so a slow answer makes the next ones late as well.
"""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import ceil

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request to POST /tag. tokens: how many its texts have."""

    body: bytes
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """What clients saw. latencies: seconds per request. seconds: from the first request to the last answer."""

    latencies: Sequence[float]
    seconds: float
    tokens: int
    cpu_seconds: float

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests does not exceed."""
        return 1000 * percentile(self.latencies, share)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5), percentile([1.0, 2.0], 0.99)
    (2.0, 2.0)
    """
    ordered = sorted(values)
    return ordered[ceil(share * len(ordered)) - 1]


class Connection(asyncio.Protocol):
    """A connection that stays open and carries a request at a time."""

    def __init__(self) -> None:
        self.received = b""
        self.answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102, asyncio's
        self.transport = transport

    def data_received(self, data: bytes) -> None:  # noqa: D102
        self.received += data
        head, end, body = self.received.partition(HEAD_END)
        if not end or len(body) < int(LENGTH.search(head)[1]):
            return
        self.received = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.answered.set_result(None)
        else:
            self.answered.set_exception(RuntimeError(f"the server answers {(head + body)[:300]!r}"))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: D102
        if self.answered and not self.answered.done():
            self.answered.set_exception(RuntimeError("the server closed the connection"))

    async def ask(self, body: bytes) -> None:
        """Send a request and wait for its answer. Raises RuntimeError unless it is 200."""
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(
            b"POST /tag HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await self.answered


def in_turn(port: int, asks: Iterable[Ask], *, clients: int) -> Load:
    """Ask until there are no more requests."""
    return asyncio.run(load(port, ((None, ask) for ask in asks), clients))


def for_seconds(port: int, asks: Sequence[Ask], *, clients: int, seconds: float) -> Load:
    """Ask the same requests again and again for a while."""
    end = time.perf_counter() + seconds
    repeated = cycle(asks)

    def until_the_end() -> Iterator[tuple[None, Ask]]:
        while time.perf_counter() < end:
            yield None, next(repeated)

    return asyncio.run(load(port, until_the_end(), clients))


def at_rate(port: int, asks: Sequence[Ask], *, clients: int, rate: float, seconds: float) -> Load:
    """Ask at a rate of requests per second."""
    repeated = cycle(asks)
    due = ((number / rate, next(repeated)) for number in range(int(rate * seconds)))
    return asyncio.run(load(port, due, clients))


async def load(port: int, due: Iterator[tuple[float | None, Ask]], clients: int) -> Load:
    """Send all requests, each by the client that is free. due: seconds after the start, or None for at once."""
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(clients)
    ]
    latencies: list[float] = []
    tokens = 0
    start, cpu = time.perf_counter(), time.process_time()

    async def work(connection: Connection) -> None:
        nonlocal tokens
        for at, ask in due:
            begin = time.perf_counter()
            if at is not None:
                await asyncio.sleep(max(0.0, start + at - begin))
                begin = start + at
            await connection.ask(ask.body)
            latencies.append(time.perf_counter() - begin)
            tokens += ask.tokens

    try:
        await asyncio.gather(*map(work, connections))
    finally:
        end = time.perf_counter()
        for connection in connections:
            connection.transport.close()
    return Load(
        latencies=latencies,
        seconds=end - start,
        tokens=tokens,
        cpu_seconds=time.process_time() - cpu,
    )
