"""The socket of a server: bound before anything is loaded, so that a taken port is reported at once."""

import errno
import ipaddress
import socket

from seqlab.errors import UserError

BACKLOG = 2048  # connections that wait to be accepted
REASONS = {
    errno.EADDRINUSE: "the port is taken; give another --port, or --port 0 for a free one",
    errno.EACCES: "the system does not allow this port; give a --port above 1023",
    errno.EADDRNOTAVAIL: "the host is no address of this machine; give another --host",
}


def open_listener(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address. Raises UserError if that fails."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError, ValueError):
        raise UserError(f"host {host!r} is unknown; give an address of this machine") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise refused(error, host, port) from None
    return listener


def start_listening(listener: socket.socket) -> None:
    """Let clients connect; they wait until they are served. Raises UserError if another program was faster."""
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        raise refused(error, *listener.getsockname()[:2]) from None


def refused(error: OSError, host: str, port: int) -> UserError:
    """The error for an address on which a server cannot listen."""
    reason = REASONS.get(error.errno or 0, f"cannot listen: {error.strerror}")
    return UserError(f"{place_of(host, port)}: {reason}")


def allow_files(count: int) -> None:
    """Let this process open as many files and sockets, as far as the system allows."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def place_of(host: str, port: int) -> str:
    """A host and a port as URLs have them.

    >>> place_of("::1", 80), place_of("localhost", 80)
    ('[::1]:80', 'localhost:80')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(listener: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{place_of(host, port)}"


def is_loopback(listener: socket.socket) -> bool:
    """Whether only programs of this machine reach a bound socket."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback
