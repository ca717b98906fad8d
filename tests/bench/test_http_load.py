"""Clients of a made-up server, which waits before each answer and counts what it is asked."""

import asyncio
import threading
from contextlib import contextmanager, suppress

import numpy as np
import pytest
from bench.http_load import Ask, at_rate, for_seconds, in_turn, percentile

PAUSE = 0.02
ASKS = [Ask(body=b"%d" % number, tokens=number) for number in range(20)]


class Answering:
    """A server that answers in several pieces."""

    def __init__(self, status=b"200 OK"):
        self.status, self.bodies = status, []
        self.open = self.most_open = 0

    async def handle(self, reader, writer):
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        with suppress(
            asyncio.IncompleteReadError, ConnectionError
        ):  # the client closes the connection
            while True:
                await self.answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        self.bodies.append(await reader.readexactly(length))
        await asyncio.sleep(PAUSE)
        for piece in (b"HTTP/1.1 " + self.status, b"\r\ncontent-length: 4\r\n\r", b"\nab", b"cd"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)


@contextmanager
def listening(server):
    """Run a server in a thread. Yields its port."""
    loop = asyncio.new_event_loop()
    listener = loop.run_until_complete(asyncio.start_server(server.handle, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield listener.sockets[0].getsockname()[1]

    async def close():
        listener.close()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    asyncio.run_coroutine_threadsafe(close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_each_request_is_sent_once_by_the_clients_together():
    server = Answering()
    with listening(server) as port:
        load = in_turn(port, ASKS, clients=4)
    assert sorted(map(int, server.bodies)) == list(range(20))
    assert server.most_open == 4
    assert load.tokens == sum(range(20))
    assert len(load.latencies) == 20
    assert min(load.latencies) >= PAUSE
    assert 5 * PAUSE <= load.seconds < 15 * PAUSE


def test_requests_are_repeated_for_a_while():
    with listening(Answering()) as port:
        load = for_seconds(port, ASKS[:3], clients=2, seconds=0.2)
    assert load.seconds >= 0.2
    assert 4 < len(load.latencies) <= 20


def test_a_late_answer_makes_the_next_ones_late():
    # One client, a request due every 10 ms, answered after 20 ms each: the n-th is 10 n ms late.
    with listening(Answering()) as port:
        load = at_rate(port, ASKS, clients=1, rate=100, seconds=0.1)
    assert len(load.latencies) == 10
    late = np.diff(load.latencies)
    assert (late > 0.005).all()
    assert load.latencies[-1] >= 0.1


def test_another_answer_than_200_ends_the_load():
    refused = pytest.raises(RuntimeError, match=r"the server answers b'HTTP/1\.1 503 Service")
    with listening(Answering(b"503 Service Unavailable")) as port, refused:
        in_turn(port, ASKS, clients=1)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99, 1.0])
def test_percentiles_are_those_of_numpy(share):
    for size in (1, 2, 7, 100, 1001):
        values = np.random.default_rng(size).random(size)
        expected = np.quantile(values, share, method="inverted_cdf")
        assert percentile(values.tolist(), share) == expected
