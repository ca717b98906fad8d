"""Run a server until a signal ends it."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from seqlab.errors import UserError
from seqlab.machine.terminal import visible
from seqlab.serving.access_log import AccessLog
from seqlab.serving.listener import (
    address_of,
    allow_files,
    is_loopback,
    open_listener,
    start_listening,
)
from seqlab.serving.options import ServeOptions
from seqlab.serving.reloading import Reloader
from seqlab.serving.served_taggers import NamedRun, ServedTagger, load_named

if TYPE_CHECKING:
    import uvicorn

    from seqlab.serving.service import Service

FILES = 2048  # connections, and files that are loaded
SWITCH = 0.0005  # seconds after which a thread that tags lets the event loop run; Python's default is ten times that


def serve_runs(
    runs: Sequence[NamedRun],
    options: ServeOptions,
    *,
    say: Callable[[str], None],
    note: Callable[[str], None],
    extra: str = "seqlab[serve]",
) -> None:
    """Serve the taggers of some runs until SIGTERM or SIGINT; then answer the accepted requests.

    say: gets the lines about what is served. note: gets warnings. extra: what to install if FastAPI is missing.
    Raises UserError if a run cannot be loaded, the port is taken, or FastAPI or uvicorn is missing.
    """
    check_installed(extra)
    with suppress(ValueError):  # only the main thread takes signals
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), open_listener(options.host, options.port) as listener:
        taggers = [load_named(run) for run in runs]
        if options.token is None and not is_loopback(listener):
            note(f"everyone who reaches {options.host} can tag; --token-file requires a token")
        for tagger in taggers:
            labels = ", ".join(map(visible, tagger.labels))
            say(f"{visible(tagger.name)}: version {tagger.version}, labels {labels}")
        start_listening(listener)
        say(f"serving on {address_of(listener)}")
        sys.setswitchinterval(SWITCH)
        run_service(runs, taggers, options, listener)


def check_installed(extra: str) -> None:
    """Raise UserError if a package that serves is missing."""
    try:
        import fastapi  # noqa: F401
        import httptools  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(
            f"serving needs {error.name}, which is not installed; pip install '{extra}'"
        ) from None


def run_service(
    runs: Sequence[NamedRun],
    taggers: Sequence[ServedTagger],
    options: ServeOptions,
    listener: socket.socket,
) -> None:
    """Serve until a signal comes."""
    from seqlab.serving.service import Service

    allow_files(FILES)
    log = AccessLog()
    service = Service(taggers, options, log)
    server = make_server(service, runs)
    log.add(event="start", taggers={one.name: one.version for one in taggers})
    try:
        with suppress(KeyboardInterrupt):  # uvicorn repeats the signal when all is done
            server.run(sockets=[listener])
    finally:
        service.close()
        log.add(event="stop")
        log.close()


def make_server(service: "Service", runs: Sequence[NamedRun]) -> "uvicorn.Server":
    """The server of a service. runs: those to load again when they change, if the options say so."""
    import uvicorn

    from seqlab.serving.connections import DISCARDED, GRACE, Connection, Guard, end_slow_connections

    options = service.options
    guard = Guard(seconds=options.timeout + GRACE, most_bytes=DISCARDED * options.max_body)
    reloader = Reloader(runs, service.taggers, service.reloaded)

    async def look_after() -> None:
        """Do what is due once a second."""
        now = asyncio.get_running_loop().time()
        end_slow_connections(server.server_state.connections, now)
        service.metrics.refused_connections = guard.refused
        service.ready = not server.should_exit
        if options.reload:
            reloader.look()

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)  # `Service` logs
    config = uvicorn.Config(
        service,
        http=partial(Connection, guard=guard),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        callback_notify=look_after,
        timeout_notify=0,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(options.timeout + GRACE),
    )
    server = uvicorn.Server(config)
    return server
