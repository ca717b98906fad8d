"""Connections of a server, with limits that uvicorn lacks: on time, on the size of headers, on the number of connections.

Only this file builds on uvicorn's protocol class, whose requests httptools parses.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from seqlab.serving.refusal import BAD_HTTP, TOO_LARGE, error_body

MOST_CONNECTIONS = 1000
HEAD_BYTES = 1 << 16  # of the request line and the headers
DISCARDED = 64  # times the largest body: what a connection may send for one request, answered already or not
GRACE = 2.0  # seconds after the time limit, in which the service itself answers


@dataclass(kw_only=True)
class Guard:
    """The limits of all connections, and how many were refused.

    seconds: from the first byte of a request to the last of its answer. most_bytes: of one request.
    """

    seconds: float
    most_bytes: int
    most: int = MOST_CONNECTIONS
    refused: int = 0


class Connection(HttpToolsProtocol):
    """A connection that ends when its client is too slow, in sending or in reading."""

    def __init__(self, *args: Any, guard: Guard, **options: Any) -> None:
        super().__init__(*args, **options)
        self.guard = guard
        self.busy_since: float | None = None  # None: it waits between two requests
        self.received = 0  # bytes of the present request
        self.in_head = self.unread = self.refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or end it at once if there are too many."""
        super().connection_made(transport)
        self.busy_since = self.loop.time()
        if len(self.connections) > self.guard.most:
            self.guard.refused += 1
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse some bytes, and count them."""
        if not self.refused:
            super().data_received(data)  # sets `received` to 0 where a request begins
        self.received += len(data)
        if self.busy_since is None:
            self.busy_since = self.loop.time()
        if self.in_head and self.received > HEAD_BYTES:
            self.refuse(431, TOO_LARGE, f"the headers have more than {HEAD_BYTES:,} bytes")
        elif self.received > self.guard.most_bytes:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.busy_since, self.received = self.loop.time(), 0
        self.in_head, self.unread = True, False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; those after the body are left out."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the application."""
        self.in_head = False
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or until the client has read the answer."""
        self.unread = self.transport.get_write_buffer_size() > 0
        self.busy_since = self.loop.time() if self.pipeline or self.unread else None
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self.refuse(400, BAD_HTTP, "the request is not HTTP/1.1")

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer without the application, and end the connection when the client has read it.

        Closing at once would make the system drop the answer, if the client is still sending.
        """
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # the application stops waiting for the body
            self.cycle.message_event.set()
        body = error_body(code, message)
        head = (
            f"HTTP/1.1 {status} Refused\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.write_eof()

    def is_overdue(self, now: float) -> bool:
        """Whether the present request, or the reading of its answer, takes too long."""
        if self.unread and not self.transport.get_write_buffer_size():
            self.unread, self.busy_since = False, None
        return self.busy_since is not None and now - self.busy_since > self.guard.seconds


def end_slow_connections(connections: set[Any], now: float) -> None:
    """End the connections whose request takes too long to arrive, or whose answer is not read."""
    for connection in [one for one in connections if one.is_overdue(now)]:
        connection.transport.abort()
