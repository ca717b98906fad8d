"""Ask a server everything that it must refuse: each answer is JSON with a sentence, and its memory stays flat.

    .venv/bin/python scripts/chaos/break_server.py RUN [--rounds 20] [--seed 1] [--json FILE]

It starts `seqlab serve RUN` and attacks it in rounds. Requests are damaged JSON, values of a wrong type, bodies of 10 MB,
texts of 100,000 tokens, deep nesting, huge numbers, repeated keys, NUL, half surrogate pairs, or no HTTP. Clients are slow,
vanish, do not read, or open more connections than the server takes. Between the attacks it asks for tags, which must be
those of the quiet server. The memory after all rounds is compared with that after the first quarter of them.

Prints one line per attack. Exits with code 1 after a wrong answer, a defect in the log, or growth.
"""

import argparse
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from read_damaged_files import JSON_VALUES, damage

HEAD = b"POST /tag HTTP/1.1\r\nhost: localhost\r\n"
GROWTH = 32 * 1024  # kB that the memory may grow: the caches of a tagger fill
TIMEOUT = 5.0  # of the server, in seconds
KEYS = (
    "text", "tokens", "texts", "sentences", "tagger", "features", "numbers", "thresholds", "offsets", "details",
)  # fmt: skip
TEXT = "Ada Stone 😀 saw\tthe old Oslo in 1999.\n\nElena left Cairo; Justin Bieber visited London."
GOOD = ({"text": TEXT}, {"tokens": TEXT.split()}, {"texts": [TEXT, ""], "details": True})

Tally = Counter[str]


class Wrong(Exception):  # noqa: N818, a verdict
    """The server did what it must not do."""


class Target(NamedTuple):
    """The server, and the dice that choose."""

    port: int
    pid: int
    dice: random.Random

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, data: bytes) -> tuple[int, Any]:
        """The status and JSON of the answer to some bytes; 0 and None if the connection just ended."""
        with self.connect() as connection:
            with suppress(ConnectionError):
                connection.sendall(data)
            return read_answer(connection)

    def tag(self, body: bytes) -> tuple[int, Any]:
        """The status and JSON of the answer to a body."""
        return self.ask(request(body))

    def memory(self) -> int:
        """The resident memory in kB."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0])


def request(body: bytes) -> bytes:
    """A request with a body, for a connection of its own."""
    return HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def read_answer(connection: socket.socket) -> tuple[int, Any]:
    """The status and JSON of an answer. Raises Wrong if it is none."""
    received = b""
    with suppress(ConnectionError):
        while part := connection.recv(1 << 16):
            received += part
    if not received:
        return 0, None
    head, _, body = received.partition(b"\r\n\r\n")
    try:
        return int(head.split()[1]), json.loads(body)
    except (ValueError, IndexError):
        raise Wrong(f"an answer is not JSON: {received[:200]!r}") from None


def check_refused(answer: tuple[int, Any], *statuses: int, tally: Tally) -> None:
    """Raise Wrong unless an answer is an error of one of some statuses, with a code and one line."""
    status, value = answer
    tally[str(status) if status else "closed"] += 1
    if status not in statuses:
        raise Wrong(f"status {status}, expected {statuses}: {str(value)[:200]}")
    if status in (0, 200):
        return
    error = value["error"]
    if (
        set(error) != {"code", "message"}
        or "\n" in error["message"]
        or "Traceback" in error["message"]
    ):
        raise Wrong(f"not an error with a sentence: {value}")


def damaged_json(target: Target, tally: Tally) -> None:
    """Bodies in which some bytes are changed, cut, or doubled."""
    for _ in range(60):
        body = json.dumps(target.dice.choice(GOOD)).encode()
        for _ in range(target.dice.randint(1, 3)):
            body = damage(body, target.dice)
        check_refused(target.tag(body), 200, 400, 422, tally=tally)


def wrong_types(target: Target, tally: Tally) -> None:
    """Values of any type under the keys of a request."""
    dice = target.dice
    for _ in range(60):
        value = dict(dice.choice(GOOD)) if dice.random() < 0.7 else {}
        for key in dice.sample(KEYS, dice.randint(1, 3)):
            inner = dice.choice(JSON_VALUES)
            value[key] = dice.choice([inner, [inner], [[inner]], {"PER": inner}])
        check_refused(target.tag(json.dumps(value).encode()), 200, 400, 422, tally=tally)


def odd_json(target: Target, tally: Tally) -> None:
    """Deep nesting, huge numbers, keys given twice, other encodings, NUL and half surrogate pairs."""
    refused = [
        b"[" * 400_000, b'{"text":' * 90_000, b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"text": "a", "thresholds": {"PER": %s}}' % (b"9" * 900_000), b'{"text": 1e999999999}',
        b'{"text": "a", "text": "b"}', b'{"text": "a\x00"}', b"\xff\xfe{\x00}\x00", b"", b"\x00" * 1000,
        b'{"text": "\xed\xa0\x80"}', b'{"%s": 1}' % (b"k" * 900_000),
        b"{" + b",".join(b'"k%d": 1' % n for n in range(60_000)) + b"}",
    ]  # fmt: skip
    for body in refused:
        check_refused(target.tag(body), 400, 422, tally=tally)
    for text in (
        "\x00",
        "\ud800",
        "a\udfff b \ud83d",
        "\u202e\ufeff\u2028",
        "\x1b[2J",
        "e" + "\u0301" * 5000,
    ):
        check_refused(
            target.tag(json.dumps({"text": text, "details": True}).encode()), 200, tally=tally
        )


def large_bodies(target: Target, tally: Tally) -> None:
    """10 MB with a length in the header, and in chunks without one."""
    body = json.dumps({"text": "Ada saw Oslo. " * 750_000}).encode()
    check_refused(target.tag(body), 413, tally=tally)
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    check_refused(target.ask(head + chunk * 10 + b"0\r\n\r\n"), 413, tally=tally)
    lie = HEAD + b"connection: close\r\ncontent-length: 99999999999999999999\r\n\r\n"
    check_refused(target.ask(lie + body[:1000]), 400, 413, tally=tally)


def large_texts(target: Target, tally: Tally) -> None:
    """100,000 tokens in one text, in one sentence, in many texts; and one token of 900,000 characters."""
    for value in (
        {"text": "Ada saw Oslo. " * 25_000},
        {"text": "word " * 100_000},
        {"tokens": ["x"] * 100_000},
        {"texts": ["a b"] * 50_000},
        {"sentences": [[]] * 100_000},
    ):
        check_refused(target.tag(json.dumps(value).encode()), 413, 503, tally=tally)
    for value in ({"text": "x" * 900_000}, {"text": "." * 15_000}, {"text": "word " * 19_000}):
        check_refused(target.tag(json.dumps(value).encode()), 200, 413, 503, tally=tally)


def no_http(target: Target, tally: Tally) -> None:
    """What is no HTTP/1.1, headers without end, and requests that contradict themselves."""
    dice = target.dice
    for data in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        dice.randbytes(500), HEAD + b"x: " + b"y" * 1_000_000, HEAD + b"x: y\r\n" * 50_000,
        b"GET /" + b"a" * 1_000_000, HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\n{}", HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    ):  # fmt: skip
        check_refused(target.ask(data), 0, 400, 408, 413, 422, 431, tally=tally)
    paths = (
        b"GET /%2e%2e/etc/passwd",
        b"GET /tag",
        b"DELETE /tag",
        b"POST /health",
        b"GET //",
        b"TRACE /",
        b"FOO /tag",
    )
    for line in paths:
        data = line + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        check_refused(target.ask(data), 400, 404, 405, tally=tally)


def slow_clients(target: Target, tally: Tally) -> None:
    """Clients that stop within their headers or their body. They must not hold up others."""
    parts = (
        b"",
        HEAD[:10],
        HEAD,
        HEAD + b"content-length: 500\r\n\r\n",
        HEAD + b"content-length: 500\r\n\r\n{",
    )
    opened = [target.connect() for _ in range(40)]
    for number, connection in enumerate(opened):
        connection.sendall(parts[number % len(parts)])
    began = time.monotonic()
    check_refused(target.tag(b'{"text": "Ada"}'), 200, tally=Counter())
    if time.monotonic() - began > TIMEOUT:
        raise Wrong("a request waited for slow clients")
    for connection in opened:
        check_refused(read_answer(connection), 0, 408, tally=tally)
        connection.close()
    if time.monotonic() - began > TIMEOUT + 8:
        raise Wrong("slow clients were not cut")


def vanishing_clients(target: Target, tally: Tally) -> None:
    """Clients that close or reset the connection within their request, after it, and within the answer."""
    large = request(json.dumps({"text": "Ada saw Oslo. " * 4000, "details": True}).encode())
    for _ in range(30):
        with target.connect() as connection:
            data = large if target.dice.random() < 0.3 else request(json.dumps(GOOD[0]).encode())
            cut = len(data) if target.dice.random() < 0.5 else target.dice.randrange(len(data))
            with suppress(ConnectionError):
                connection.sendall(data[:cut])
            if cut == len(data) and target.dice.random() < 0.5:
                with suppress(ConnectionError):
                    connection.recv(10)
            if target.dice.random() < 0.5:  # a reset instead of an end
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tally["vanished"] += 1


def clients_that_do_not_read(target: Target, tally: Tally) -> None:
    """Clients that ask for large answers and read none of them."""
    large = request(json.dumps({"tokens": ["word" * 100] * 2000, "details": True}).encode())
    opened = []
    for _ in range(8):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", target.port))
        connection.settimeout(30)
        connection.sendall(large)
        opened.append(connection)
    time.sleep(TIMEOUT + 3)
    for connection in opened:
        tally["unread"] += 1
        connection.close()


def many_connections(target: Target, tally: Tally) -> None:
    """1,500 connections at a time, of which the server takes 1,000; and 200 pipelined requests."""
    opened = []
    for _ in range(1500):
        try:
            opened.append(target.connect())
        except OSError:
            tally["refused"] += 1
    for connection in opened:
        connection.close()
        tally["opened"] += 1
    with target.connect() as connection:
        small = HEAD + b'content-length: 15\r\n\r\n{"text": "Ada"}'
        with suppress(ConnectionError):
            connection.sendall(small * 200 + request(b"{}"))
        received = b""
        while part := connection.recv(1 << 16):
            received += part
        tally["pipelined"] += received.count(b"HTTP/1.1 200")
        if received.count(b"HTTP/1.1 200") != 200:
            raise Wrong("pipelined requests were lost")


ATTACKS: tuple[Callable[[Target, Tally], None], ...] = (
    damaged_json, wrong_types, odd_json, large_bodies, large_texts, no_http, slow_clients,
    vanishing_clients, clients_that_do_not_read, many_connections,
)  # fmt: skip


@contextmanager
def running_server(run: str, log: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The port and the process of a server. Raises Wrong unless SIGTERM ends it with exit code 0."""
    command = [sys.executable, "-m", "seqlab.serve", run, "--port", "0", "--timeout", str(TIMEOUT)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
    lines = iter(process.stdout or ())
    address = next((line for line in lines if line.startswith("serving on ")), "")
    if not address:
        raise SystemExit(f"the server has not started: {log.read_text()}")
    try:
        yield int(address.rpartition(":")[2]), process
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    if code != 0:
        raise Wrong(f"the server ended with exit code {code}")


def attack(target: Target, rounds: int) -> dict[str, Any]:
    """Attack in rounds. Returns the figures. Raises Wrong."""
    bodies = [json.dumps(value).encode() for value in GOOD]
    wanted = [target.tag(body) for body in bodies]
    tallies: dict[str, Tally] = {one.__name__: Counter() for one in ATTACKS}
    memory = []
    for _ in range(rounds):
        for one in target.dice.sample(ATTACKS, len(ATTACKS)):
            try:
                one(target, tallies[one.__name__])
            except Wrong as error:
                raise Wrong(f"{one.__name__}: {error}") from error
            if [target.tag(body) for body in bodies] != wanted:
                raise Wrong(f"after {one.__name__}: the server tags otherwise than before")
        memory.append(target.memory())
    grown = memory[-1] - memory[rounds // 4]
    if grown > GROWTH:
        raise Wrong(f"the memory grew by {grown} kB: {memory}")
    return {"rounds": rounds, "memory_kb": memory, "grown_kb": grown, "answers": tallies}


def main() -> int:
    """Parse the options, attack, and print what came back. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("run")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        try:
            with running_server(options.run, log) as (port, process):
                target = Target(port, process.pid, random.Random(options.seed))  # noqa: S311, no secret
                facts = attack(target, options.rounds)
            check_log(log)
        except Wrong as error:
            print(f"wrong: {error}")
            return 1
    for name, tally in facts["answers"].items():
        print(
            f"{name:26} {', '.join(f'{count} x {what}' for what, count in sorted(tally.items()))}"
        )
    print(f"memory in MB after each round: {[kb // 1024 for kb in facts['memory_kb']]}")
    if options.json:
        options.json.write_text(json.dumps(facts | {"seed": options.seed}, indent=1))
    return 0


def check_log(log: Path) -> None:
    """Raise Wrong for a defect in the log, a line that is not JSON, or a word of a text."""
    for line in log.read_text("utf-8").splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            raise Wrong(f"a line of the log is not JSON: {line[:300]}") from None
        if fields.get("event") == "defect":
            raise Wrong(f"the log has a defect: {line}")
        if "Oslo" in line or "Bieber" in line:
            raise Wrong(f"the log holds a text: {line}")


if __name__ == "__main__":
    sys.exit(main())
