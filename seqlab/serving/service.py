"""The whole service as one ASGI application: limits, token, /tag, log and figures around the other pages.

POST /tag is answered here and not by FastAPI, whose routing and models take longer than tagging a sentence.
"""

import asyncio
import hmac
import traceback
from collections.abc import Sequence
from typing import Any

from seqlab.errors import UserError, nearest
from seqlab.machine.checksums import bytes_sha256
from seqlab.serving.access_log import AccessLog
from seqlab.serving.body import BodyReader, ClientGone
from seqlab.serving.exchange import OPEN_PATHS, UNANSWERED, Exchange, Scope, counted, note
from seqlab.serving.lanes import SMALL, Lanes
from seqlab.serving.metrics import Metrics, resident_bytes
from seqlab.serving.options import ServeOptions
from seqlab.serving.pages import make_pages
from seqlab.serving.refusal import (
    DEFECT,
    INTERNAL,
    TOO_SLOW,
    UNAUTHORIZED,
    Refusal,
    busy,
    error_body,
    invalid,
)
from seqlab.serving.served_taggers import NamedRun, ServedTagger, TaggerSet
from seqlab.serving.tag_job import TagJob
from seqlab.serving.tag_request import TagRequest, parse_request


class Service:
    """The ASGI application of a server."""

    def __init__(
        self, taggers: Sequence[ServedTagger], options: ServeOptions, log: AccessLog
    ) -> None:
        self.taggers, self.options, self.log = TaggerSet(taggers), options, log
        self.metrics = Metrics()
        self.lanes = Lanes(batch_done=self.metrics.batch_done, report=self.report)
        self.pages = make_pages(
            self.taggers,
            is_ready=lambda: self.ready,
            figures=self.figures,
            token=options.token is not None,
        )
        self.bodies = BodyReader(options.max_body)
        self.active = 0  # requests that are tagged or wait
        self.ready = True
        token = options.token
        self.token_hash = None if token is None else bytes_sha256(token.encode())

    def close(self) -> None:
        """End the threads that tag."""
        self.ready = False
        self.lanes.close()

    def report(self, error: BaseException) -> None:
        """Log where a defect arose. Its message is left out, because it may hold a part of a text."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        self.log.add(event="defect", error=type(error).__name__, places=places[-12:])

    def reloaded(self, run: NamedRun, result: ServedTagger | UserError | None) -> None:
        """Log and count that a run was loaded again, could not be, or is missing."""
        if result is None:
            self.metrics.missing_runs += 1
            self.log.add(event="missing run", tagger=run.name, path=str(run.path))
        elif isinstance(result, ServedTagger):
            self.metrics.reloads += 1
            self.log.add(event="reload", tagger=run.name, version=result.version)
        else:
            self.metrics.failed_reloads += 1
            self.log.add(event="failed reload", tagger=run.name, error=str(result))

    def figures(self) -> str:
        """The text of /metrics."""
        gauges = {
            "seqlab_queue_requests": ("Requests that wait to be tagged.", self.lanes.waiting),
            "seqlab_active_requests": ("Requests that are tagged or wait.", self.active),
            "seqlab_arriving_bytes": ("Bytes of bodies that are arriving.", self.bodies.arriving),
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
                await exchange.answer(send, 200, body)
            else:
                # The server leaves out the body of an answer to HEAD.
                method = "GET" if scope["method"] == "HEAD" else scope["method"]
                await self.pages({**scope, "method": method}, receive, counted(send, exchange))
        except ClientGone:
            pass
        except Refusal as refusal:
            await exchange.answer(send, refusal.status, refusal.body(), refusal.headers)
        except Exception as error:
            self.report(error)
            if exchange.status == UNANSWERED:
                await exchange.answer(send, 500, error_body(INTERNAL, DEFECT))
        finally:
            note(scope, exchange, self.metrics, self.log)

    def check_token(self, scope: Scope) -> None:
        """Raise Refusal unless the request has the token. Every wrong token takes the same time."""
        if self.token_hash is None or scope["path"] in OPEN_PATHS:
            return
        given = next((v for name, v in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = given.partition(b" ")
        digest = bytes_sha256(token.strip())
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
                body = await self.bodies.read(scope, receive)
                exchange.bytes_in = len(body)
                request = parse_request(body)
                stage = ""
                served = self.taggers.find(request.tagger)
                exchange.tagger = served.name
                check_names(request, served)
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


def check_names(request: TagRequest, served: ServedTagger) -> None:
    """Raise Refusal for a label or a column that the tagger does not know, and for thresholds of plain tags."""
    if request.thresholds and served.plain:
        raise invalid(
            f"thresholds are for spans, but tagger {served.name!r} gives plain tags: leave them out"
        )
    for key, what, given, known in (
        ("thresholds", "label", [request.thresholds], served.labels),
        ("features", "feature", request.features, served.features),
        ("numbers", "number", request.numbers, served.numbers),
    ):
        for name in (name for names in given for name in names):
            if name not in known:
                fact = (
                    f"has no such {what}{nearest(name, known)}" if known else reads_no(key, served)
                )
                raise invalid(f"{key}[{name!r}]: tagger {served.name!r} {fact}")


def reads_no(key: str, served: ServedTagger) -> str:
    """That a tagger reads no features, no numbers, or neither."""
    other = served.features or served.numbers
    return f"reads no {key if other else 'columns'}: leave out {key}"


async def wait_for_answer_or_end(future: "asyncio.Future[bytes]", receive: Any) -> None:
    """Wait until a future is done. Raises ClientGone if the client closes the connection before."""
    gone = asyncio.ensure_future(receive())
    try:
        await asyncio.wait((future, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not future.done():
        raise ClientGone
