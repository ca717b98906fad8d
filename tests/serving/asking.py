"""Services in this process, and clients that ask them: without a socket, and over one."""

import asyncio
import json
import socket
import threading
from contextlib import contextmanager

import httpx

from seqlab.serving.listener import open_listener
from seqlab.serving.options import ServeOptions
from seqlab.serving.run_server import make_server
from seqlab.serving.served_taggers import serve_tagger
from seqlab.serving.service import Service
from tests.exporting.random_taggers import random_tagger

TEXT = "Ada saw OSLO.\nDer dog 😀😀😀 Zebra I U.S. 1999 STRASSE a.\n"
TEXT += "the Zebra ① ß İstanbul saw\nDer OSLO Ada\n日本 Ada McDonald"


class ListLog:
    """A log that keeps its lines."""

    def __init__(self):
        self.lines = []

    def add(self, **fields):
        self.lines.append(fields)


def served(name="news", version="0123456789ab", **options):
    """A tagger with random weights, ready to serve."""
    return serve_tagger(name, version, random_tagger(**{"columns": False, **options}))


@contextmanager
def service_of(*taggers, **options):
    """A service of some taggers."""
    service = Service(taggers or [NEWS], ServeOptions(**options), ListLog())
    try:
        yield service
    finally:
        service.close()


def ask_all(service, *requests):
    """The responses to requests that arrive together: (method, path, options of httpx)."""

    async def ask():
        transport = httpx.ASGITransport(service)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            asked = [client.request(method, path, **more) for method, path, more in requests]
            return await asyncio.gather(*asked)

    return asyncio.run(ask())


def ask(service, method, path, **more):
    """The response to one request."""
    return ask_all(service, (method, path, more))[0]


def tag(service, value, **headers):
    """The status and the JSON of the answer to POST /tag. value: bytes, or a value for JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    response = ask(service, "POST", "/tag", content=body, headers=headers)
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()


def error_of(service, value, **headers):
    """The status, code and message of the error with which POST /tag answers."""
    status, answer = tag(service, value, **headers)
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message"}
    return status, answer["error"]["code"], answer["error"]["message"]


@contextmanager
def listening(service, runs=(), *, buffer=None):
    """Serve over a socket in a thread. Yields the port. buffer: bytes that the system keeps for a client."""
    server = make_server(service, runs)
    with open_listener("127.0.0.1", 0) as listener:
        if buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def send(port, data, *, wait=10):
    """Send bytes and read until the server closes the connection. Returns what it sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(data)
        return read_to_end(connection)


def read_to_end(connection):
    """What the server sends before it closes the connection."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


NEWS = served()
