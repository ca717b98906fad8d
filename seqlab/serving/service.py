"""The whole service as one ASGI application: limits, token, /tag, log and figures around the other pages.

POST /tag is answered here and not by FastAPI, whose routing and models take longer than tagging a sentence.
"""

import asyncio
import hmac
import time
import traceback
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from seqlab.errors import nearest
from seqlab.serving.access_log import AccessLog
from seqlab.serving.lanes import SMALL, Lanes
from seqlab.serving.metrics import Metrics, resident_bytes
from seqlab.serving.options import ServeOptions
from seqlab.serving.pages import make_pages
from seqlab.serving.refusal import (
    DEFECT,
    INTERNAL,
    TOO_LARGE,
    TOO_SLOW,
    UNAUTHORIZED,
    Refusal,
    busy,
    error_body,
    invalid,
)
from seqlab.serving.served_taggers import ServedTagger, TaggerSet
from seqlab.serving.tag_job import TagJob
from seqlab.serving.tag_request import parse_request

OPEN_PATHS = frozenset({"/", "/health", "/ready", "/openapi.json"})
"""Paths that need no token: they tell nothing about texts or taggers."""
PATHS = OPEN_PATHS | {"/tag", "/labels", "/metrics"}
BODIES = 64  # largest bodies that may arrive at a time
JSON_TYPE = (b"content-type", b"application/json")

Scope = dict[str, Any]


class Exchange:
    """One request and its answer, as the log shows it."""

    __slots__ = ("bytes_in", "bytes_out", "started", "status", "tagger", "tokens")

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.status, self.bytes_in, self.bytes_out = 499, 0, 0  # 499: the client vanished
        self.tokens: int | None = None
        self.tagger: str | None = None


class ClientGone(Exception):  # noqa: N818, an end rather than an error
    """The client closed the connection before its request was complete."""


class Service:
    """The ASGI application of a server."""

    def __init__(
        self, taggers: Sequence[ServedTagger], options: ServeOptions, log: AccessLog
    ) -> None:
        self.taggers, self.options, self.log = TaggerSet(taggers), options, log
        self.metrics = Metrics()
        self.lanes = Lanes(batch_done=self.metrics.batch_done, report=self.report)
        self.pages = make_pages(self.taggers, is_ready=lambda: self.ready, figures=self.figures)
        self.active = self.arriving = (
            0  # requests that are tagged or wait; bytes of bodies that arrive
        )
        self.ready = True
        token = options.token
        self.token_hash = None if token is None else sha256(token.encode()).digest()

    def close(self) -> None:
        """End the threads that tag."""
        self.ready = False
        self.lanes.close()

    def report(self, error: BaseException) -> None:
        """Log a defect: where it arose, but no message, which may hold a part of a text."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        self.log.add(event="defect", error=type(error).__name__, places=places[-12:])

    def figures(self) -> str:
        """The text of /metrics."""
        gauges = {
            "seqlab_queue_requests": ("Requests that wait to be tagged.", self.lanes.waiting),
            "seqlab_active_requests": ("Requests that are tagged or wait.", self.active),
            "seqlab_arriving_bytes": ("Bytes of bodies that are arriving.", self.arriving),
            "process_resident_memory_bytes": ("Memory of the process.", resident_bytes()),
        }
        versions = {one.name: one.version for one in self.taggers.by_name.values()}
        return self.metrics.text(gauges, versions)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"{scope['type']} is not served")
        exchange = Exchange()
        try:
            self.check_token(scope)
            if scope["path"] == "/tag" and scope["method"] == "POST":
                body = await self.tag(scope, receive, exchange)
                await answer(send, exchange, 200, body)
            else:
                await self.pages(scope, receive, counted(send, exchange))
        except ClientGone:
            pass
        except Refusal as refusal:
            await answer(send, exchange, refusal.status, refusal.body(), refusal.headers)
        except Exception as error:
            self.report(error)
            await answer(send, exchange, 500, error_body(INTERNAL, DEFECT))
        finally:
            self.note(scope, exchange)

    def check_token(self, scope: Scope) -> None:
        """Raise Refusal unless the request has the token. Equal time, whatever it has."""
        if self.token_hash is None or scope["path"] in OPEN_PATHS:
            return
        given = next((v for name, v in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = given.partition(b" ")
        digest = sha256(token.strip()).digest()
        if not hmac.compare_digest(digest, self.token_hash) or scheme.lower() != b"bearer":
            raise Refusal(
                401,
                UNAUTHORIZED,
                "the token is missing or wrong: send the header Authorization: Bearer TOKEN",
                (b"www-authenticate", b"Bearer"),
            )

    async def tag(self, scope: Scope, receive: Any, exchange: Exchange) -> bytes:
        """The answer to POST /tag. Raises Refusal if there is none."""
        options = self.options
        stage = TOO_SLOW
        try:
            async with asyncio.timeout(options.timeout):
                body = await self.read_body(scope, receive)
                exchange.bytes_in = len(body)
                request = parse_request(body)
                stage = ""
                served = self.taggers.find(request.tagger)
                exchange.tagger = served.name
                check_labels(request.thresholds, served)
                job = TagJob(request=request, served=served, max_tokens=options.max_tokens)
                return await self.tag_job(job, receive, exchange)
        except TimeoutError:
            seconds = f"{options.timeout:g} s"
            if stage == TOO_SLOW:
                raise Refusal(
                    408,
                    TOO_SLOW,
                    f"the body did not arrive within {seconds}: send it faster, or in parts",
                    (b"connection", b"close"),
                ) from None
            raise busy(
                f"the request was not tagged within {seconds}: send it later, or in parts"
            ) from None

    async def tag_job(self, job: TagJob, receive: Any, exchange: Exchange) -> bytes:
        """The answer to a job. Raises Refusal if the server has too many."""
        if self.active >= self.options.max_concurrency:
            raise busy(
                f"{self.active} requests are being tagged, and the server takes no more: try again"
            )
        self.active += 1
        try:
            job.future = asyncio.get_running_loop().create_future()
            self.lanes.submit(job)
            if job.request.size > SMALL:
                await wait_for_answer_or_end(job.future, receive)
            body: bytes = await job.future
        finally:
            job.given_up = True
            self.active -= 1
            exchange.tokens = job.tokens
        return body

    async def read_body(self, scope: Scope, receive: Any) -> bytes:
        """The body of a request. Raises Refusal if it is too large; the bytes are counted as they arrive."""
        most = self.options.max_body
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
                raise too_large(most)
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            body: bytes = message.get("body", b"")  # nearly all requests: the body arrives at once
            if len(body) > most:
                raise too_large(most)
            return body
        chunks: list[bytes] = []
        size = 0
        try:
            while True:
                if message["type"] == "http.disconnect":
                    raise ClientGone
                chunk = message.get("body", b"")
                size += len(chunk)
                self.arriving += len(chunk)
                if size > most:
                    raise too_large(most)
                if self.arriving > BODIES * most:
                    raise busy("too many bodies arrive at a time: send the request again")
                chunks.append(chunk)
                if not message.get("more_body"):
                    return b"".join(chunks)
                message = await receive()
        finally:
            self.arriving -= size

    def note(self, scope: Scope, exchange: Exchange) -> None:
        """Log and count a request. The path of an unknown page may hold a text, and so may any query."""
        seconds = time.perf_counter() - exchange.started
        path = scope["path"] if scope["path"] in PATHS else "other"
        self.metrics.request_done(path, exchange.status, seconds)
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
        self.log.add(**fields)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def too_large(most: int) -> Refusal:
    """The refusal of a body of too many bytes."""
    return Refusal(
        413, TOO_LARGE, f"the body has more than {most:,} bytes: send the texts in parts"
    )


def check_labels(thresholds: Any, served: ServedTagger) -> None:
    """Raise Refusal for a threshold of a label that the tagger does not know."""
    for label in thresholds:
        if label not in served.labels:
            raise invalid(
                f"thresholds: tagger {served.name!r} has no label {label!r}{nearest(label, served.labels)}"
            )


async def wait_for_answer_or_end(future: "asyncio.Future[bytes]", receive: Any) -> None:
    """Wait until a future is done. Raises ClientGone if the client closes the connection before."""
    gone = asyncio.ensure_future(receive())
    try:
        await asyncio.wait((future, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not future.done():
        raise ClientGone


def counted(send: Any, exchange: Exchange) -> Any:
    """A `send` that notes the status and the size of the answer."""

    async def send_and_count(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
        else:
            exchange.bytes_out += len(message.get("body", b""))
        await send(message)

    return send_and_count


async def answer(
    send: Any,
    exchange: Exchange,
    status: int,
    body: bytes,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send an answer in JSON."""
    exchange.status, exchange.bytes_out = status, len(body)
    length = (b"content-length", b"%d" % len(body))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [JSON_TYPE, length, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})
