"""A request and its answer: sent to the client, written to the log and counted."""

import time
from collections.abc import Sequence
from typing import Any

from seqlab.serving.access_log import AccessLog
from seqlab.serving.metrics import Metrics

OPEN_PATHS = frozenset({"/", "/health", "/ready", "/openapi.json"})
"""Paths that need no token: they tell nothing about texts or taggers."""
PATHS = OPEN_PATHS | {"/tag", "/labels", "/metrics"}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
UNANSWERED = 499  # the status in the log when the client vanished
JSON_TYPE = (b"content-type", b"application/json")

Scope = dict[str, Any]
"""What ASGI tells of a request."""


class Exchange:
    """One request and its answer, as the log shows it."""

    __slots__ = ("bytes_in", "bytes_out", "started", "status", "tagger", "tokens")

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.status, self.bytes_in, self.bytes_out = UNANSWERED, 0, 0
        self.tokens: int | None = None
        self.tagger: str | None = None

    async def answer(
        self,
        send: Any,
        status: int,
        body: bytes,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        """Send an answer in JSON."""
        self.status, self.bytes_out = status, len(body)
        length = (b"content-length", b"%d" % len(body))
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [JSON_TYPE, length, *headers],
            }
        )
        await send({"type": "http.response.body", "body": body})


def counted(send: Any, exchange: Exchange) -> Any:
    """A `send` that notes the status and the size of the answer."""

    async def send_and_count(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
        else:
            exchange.bytes_out += len(message.get("body", b""))
        await send(message)

    return send_and_count


def note(scope: Scope, exchange: Exchange, metrics: Metrics, log: AccessLog) -> None:
    """Log and count a request. An unknown path or a query may hold a text, so neither is logged."""
    seconds = time.perf_counter() - exchange.started
    path = scope["path"] if scope["path"] in PATHS else "other"
    metrics.request_done(path, exchange.status, seconds)
    client = scope.get("client")
    fields: dict[str, Any] = {
        "client": client[0] if client else None,
        "method": scope["method"] if scope["method"] in METHODS else "other",
        "path": path,
        "status": exchange.status,
        "ms": round(1000 * seconds, 2),
        "bytes_in": exchange.bytes_in,
        "bytes_out": exchange.bytes_out,
    }
    if exchange.tokens is not None:
        fields |= {"tokens": exchange.tokens, "tagger": exchange.tagger}
    log.add(**fields)
