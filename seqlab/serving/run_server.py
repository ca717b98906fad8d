"""Run a server until a signal ends it."""

import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from seqlab.errors import UserError
from seqlab.serving.access_log import AccessLog
from seqlab.serving.options import ServeOptions
from seqlab.serving.served_taggers import NamedRun, load_named

LOOPBACK = ("127.", "::1", "localhost")


def serve_runs(
    runs: Sequence[NamedRun],
    options: ServeOptions,
    *,
    say: Callable[[str], None],
    note: Callable[[str], None],
    extra: str = "seqlab[serve]",
) -> None:
    """Serve the taggers of some runs until SIGTERM or SIGINT; then finish what runs.

    say: gets the line about what is served. note: gets warnings. extra: what to install if FastAPI is missing.
    Raises UserError if a run cannot be loaded, the port is taken, or FastAPI or uvicorn is missing.
    """
    try:
        import uvicorn

        from seqlab.serving.service import Service
    except ModuleNotFoundError as error:
        raise missing(error, extra) from None
    listener = open_listener(options.host, options.port)
    with listener:
        taggers = [load_named(run) for run in runs]
        log = AccessLog()
        service = Service(taggers, options, log)
        if options.token is None and not options.host.startswith(LOOPBACK):
            note(f"whoever reaches {options.host} may tag: --token-file asks for a token")
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        config = uvicorn.Config(
            service,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=int(options.timeout) + 1,
        )
        for tagger in taggers:
            say(f"{tagger.name}: version {tagger.version}, labels {', '.join(tagger.labels)}")
        say(f"serving on {address_of(listener)}")
        server = uvicorn.Server(config)
        with suppress(ValueError):  # only the main thread takes signals
            signal.signal(signal.SIGTERM, interrupt)  # uvicorn sends its signal again at the end
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
        service.close()
        log.close()


def interrupt(number: int, frame: FrameType | None) -> None:
    """End the process as Ctrl-C ends it."""
    raise KeyboardInterrupt


def missing(error: ModuleNotFoundError, extra: str) -> UserError:
    """The error for a package that is not installed."""
    if error.name and error.name.startswith("seqlab"):
        raise error
    return UserError(f"serving needs {error.name}, which is not installed: pip install '{extra}'")


def open_listener(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address. Raises UserError if that fails."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise UserError(f"host {host!r} is unknown: give an address of this machine") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        return listener
    except OSError as error:
        listener.close()
        raise UserError(f"{place}: {reason_of(error)}") from None


def reason_of(error: OSError) -> str:
    """Why a port cannot be bound, and what to do."""
    import errno

    return {
        errno.EADDRINUSE: "the port is taken: give another --port, or --port 0 for a free one",
        errno.EACCES: "the system does not allow this port: give a --port above 1023",
        errno.EADDRNOTAVAIL: "the host is no address of this machine: give another --host",
    }.get(error.errno or 0, f"cannot listen: {error.strerror}")


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
