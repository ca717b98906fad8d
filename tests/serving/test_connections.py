"""Clients that a server must not wait for, and bytes that are no HTTP, over a real socket."""

import json
import re
import socket
import time
from functools import partial

import pytest

from seqlab.serving import connections
from tests.serving.asking import NEWS, TEXT, listening, read_to_end, send, service_of

HEAD = b"POST /tag HTTP/1.1\r\nhost: x\r\n"
CLOSE = b"connection: close\r\n"


def request(body, more=CLOSE):
    return HEAD + more + b"content-length: %d\r\n\r\n" % len(body) + body


def answer(received):
    """The status and the value of the JSON in the first answer."""
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), json.loads(body[:length])


@pytest.fixture(scope="module")
def port():
    with service_of(timeout=0.3, max_body=2_000) as service:
        patch = pytest.MonkeyPatch()
        patch.setattr(connections, "GRACE", 0.2)
        with listening(service) as port:
            patch.undo()
            yield port


def test_a_request_is_answered(port):
    status, value = answer(send(port, request(json.dumps({"text": TEXT}).encode())))
    assert (status, len(value["spans"])) == (200, len(NEWS.tagger.tag_text(TEXT).spans))


def test_pipelined_requests_are_answered_in_order(port):
    first = request(b'{"tokens": ["a"]}', b"") + request(b'{"sentences": [["b"]]}', b"")
    received = send(port, first + request(b"{", CLOSE))
    assert received.count(b"HTTP/1.1 ") == 3
    assert received.index(b'"spans"') < received.index(b'"results"') < received.index(b"bad_json")


def test_a_body_in_chunks_is_counted_as_it_arrives(port):
    whole = b'7\r\n{"text"\r\n6\r\n: "ab"\r\n1\r\n}\r\n0\r\n\r\n'
    chunked = HEAD + CLOSE + b"transfer-encoding: chunked\r\n\r\n"
    assert answer(send(port, chunked + whole))[0] == 200
    status, value = answer(
        send(port, chunked + b"3e8\r\n%s\r\n" % (b" " * 1000) * 3 + b"0\r\n\r\n")
    )
    assert (status, value["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", HEAD + b"a\x00b: c\r\n\r\n",
     HEAD + b"content-length: -1\r\n\r\n", HEAD + b"transfer-encoding: chunked\r\n\r\nxx\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_refused(port, data):
    status, value = answer(send(port, data))
    assert (status, value["error"]["code"]) == (400, "bad_http")
    assert value["error"]["message"] == "the request is not HTTP/1.1"


def test_long_headers_are_refused(port):
    status, value = answer(send(port, HEAD + b"x: " + b"y" * 70_000))
    message = "the headers have more than 65,536 bytes"
    assert (status, value["error"]) == (431, {"code": "too_large", "message": message})


def test_the_answer_to_head_is_that_to_get_without_its_body(port):
    whole = send(port, b"GET /health HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n")
    head = send(port, b"HEAD /health HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert head.endswith(b"\r\n\r\n")
    length = re.search(rb"content-length: \d+", whole)
    assert length[0] in head


@pytest.mark.parametrize("part", [b"", b"POST /tag HT", HEAD + b"content-le", b"\r\n\r\n"])
def test_a_client_that_does_not_finish_its_headers_is_cut(port, part):
    began = time.perf_counter()
    assert send(port, part) == b""
    assert time.perf_counter() - began < 8


def test_a_client_that_does_not_finish_its_body_is_refused_and_cut(port):
    status, value = answer(send(port, HEAD + b'content-length: 100\r\n\r\n{"text": "'))
    message = "the body did not arrive within 0.3 s: send it faster, or in parts"
    assert (status, value["error"]["message"]) == (408, message)


def test_a_client_that_trickles_is_cut(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        received, began = b"", time.perf_counter()
        try:
            for byte in HEAD * 100:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)
        except OSError:
            pass
        assert time.perf_counter() - began < 8
        assert received == b""


def test_a_client_that_does_not_read_its_answer_is_cut(monkeypatch):
    monkeypatch.setattr(connections, "GRACE", 0.2)
    tokens = json.dumps({"tokens": ["dog" * 900] * 200, "details": True}).encode()
    with service_of(timeout=1) as service, listening(service, buffer=4096) as port:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(request(tokens, b""))
            time.sleep(3.5)
            connection.settimeout(5)
            assert len(read_to_end(connection)) < 500_000
        assert service.log.lines[0]["bytes_out"] > 500_000


def test_a_client_that_vanishes_leaves_nothing_behind():
    large = json.dumps({"text": "Ada saw OSLO . " * 2000}).encode()
    with service_of() as service, listening(service) as port:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request(large, b""))
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(HEAD + b"content-length: 100\r\n\r\n{")
        assert answer(send(port, request(b'{"text": "a"}')))[0] == 200
        deadline = time.perf_counter() + 10
        while (service.active or service.lanes.waiting) and time.perf_counter() < deadline:
            time.sleep(0.02)
        assert (service.active, service.bodies.arriving, service.lanes.waiting) == (0, 0, 0)


def test_connections_beyond_the_limit_are_ended(monkeypatch):
    monkeypatch.setattr(connections, "Guard", partial(connections.Guard, most=3))
    with service_of() as service, listening(service) as port:
        opened = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(5)]
        ended = [one for one in opened[3:] if one.recv(1) == b""]
        assert len(ended) == 2
        opened[0].sendall(request(b'{"text": "a"}'))
        assert answer(read_to_end(opened[0]))[0] == 200
        for one in opened:
            one.close()
