"""Serving: latency and rate of the server for 1, 8 and 64 clients, and its memory over many requests.

`python -m seqlab.serve` runs in one process, and all clients in another. A round first tags the texts in bulk with
`Tagger.tag_texts`. Then each client sends one text per request in turn. Then 64 clients send several texts per request, at
half of the bulk rate of this round. Last, every request has words that the server has not seen. Its resident memory after
half of them, when its cache of spellings is full, is compared with that at the end.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bench import inputs
from bench.child import environment
from bench.http_load import Ask, Load, at_rate, for_seconds, in_turn, percentile
from bench.spread import ratios
from bench.training import train_apart

CLIENTS = (1, 8, 64)
LENGTH = 20  # tokens of the sentences that are tagged one by one in Python
REPEATS = 5
Figures = dict[str, list[float]]


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("serving")
    group.add_argument("--serving-corpus", choices=list(inputs.TITLES), default="wnut17",
                       help="corpus of this part (default %(default)s)")  # fmt: skip
    group.add_argument("--serving-seconds", type=float, default=5.0,
                       help="duration of each load (default %(default)s)")  # fmt: skip
    group.add_argument("--serving-texts", type=int, default=16,
                       help="texts per request at half of the bulk rate (default %(default)s)")  # fmt: skip
    group.add_argument("--serving-requests", type=int, default=100_000,
                       help="requests over which memory is watched (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Latencies in milliseconds, rates per second, and bytes of memory."""
    import seqlab
    from seqlab.machine.threads import limit_blas_threads

    limit_blas_threads()
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.corpus_files(options.serving_corpus, options, folder)
        run = str(Path(folder) / "run")
        train_apart(files["train"], files["valid"], run, epochs=1)
        tagger = seqlab.load(run)
        texts = [text_of(s) for name in ("valid", "test") for s in seqlab.read_corpus(files[name])]
        counts = [len(tagged.tokens) for tagged in tagger.tag_texts(texts)]
        with server(run) as (port, pid):
            for _ in range(options.rounds):
                measure_round(tagger, texts, counts, port, options, figures)
            figures |= memory(texts, counts, port, pid, options.serving_requests)
    sizes = {
        "corpus": inputs.title(options.serving_corpus, options),
        "texts": len(texts),
        "tokens": sum(counts),
        "texts per request": options.serving_texts,
        "requests": options.serving_requests,
    }
    return {"sizes": sizes, "figures": figures}


def text_of(sentence: Any) -> str:
    """The raw text of a sentence; its tokens between spaces if the corpus has none."""
    return " ".join(sentence.tokens) if sentence.text is None else str(sentence.text)


def measure_round(
    tagger: Any,
    texts: Sequence[str],
    counts: Sequence[int],
    port: int,
    options: argparse.Namespace,
    figures: Figures,
) -> None:
    """Append the figures of one round."""
    note(figures, "python", one_by_one(tagger, texts, counts))
    bulk = bulk_rate(tagger, texts, counts)
    figures.setdefault("bulk", []).append(bulk)
    singles = [request({"text": text}, count) for text, count in zip(texts, counts, strict=True)]
    for clients in CLIENTS:
        load = for_seconds(port, singles, clients=clients, seconds=options.serving_seconds)
        note_load(figures, f"{clients} clients", load, bulk)
    size = options.serving_texts
    several = [
        request({"texts": texts[first : first + size]}, sum(counts[first : first + size]))
        for first in range(0, len(texts), size)
    ]
    rate = 0.5 * bulk * len(several) / sum(counts)
    load = at_rate(port, several, clients=CLIENTS[-1], rate=rate, seconds=options.serving_seconds)
    note_load(figures, "half", load, bulk)


def request(value: Any, tokens: int) -> Ask:
    """A request with this JSON."""
    return Ask(body=json.dumps(value).encode(), tokens=tokens)


def note(figures: Figures, name: str, values: dict[str, float]) -> None:
    """Append values to the figures of a name."""
    for key, value in values.items():
        figures.setdefault(f"{name} {key}", []).append(value)


def note_load(figures: Figures, name: str, load: Load, bulk: float) -> None:
    """Append what the clients saw."""
    rate = load.tokens / load.seconds
    note(figures, name, {
        "p50": load.percentile(0.5), "p99": load.percentile(0.99),
        "requests": len(load.latencies) / load.seconds, "tokens": rate, "ratio": rate / bulk,
        "load": load.cpu_seconds / load.seconds,
    })  # fmt: skip


def one_by_one(tagger: Any, texts: Sequence[str], counts: Sequence[int]) -> dict[str, float]:
    """The latency of `tag_text` in milliseconds, for sentences of 20 tokens whose words are known."""
    chosen = [text for text, count in zip(texts, counts, strict=True) if count == LENGTH]
    for text in chosen:
        tagger.tag_text(text)
    seconds = [tag_seconds(tagger, text) for _ in range(REPEATS) for text in chosen]
    return {"p50": 1000 * percentile(seconds, 0.5), "p99": 1000 * percentile(seconds, 0.99)}


def tag_seconds(tagger: Any, text: str) -> float:
    """The time to tag one text."""
    start = time.perf_counter()
    tagger.tag_text(text)
    return time.perf_counter() - start


def bulk_rate(tagger: Any, texts: Sequence[str], counts: Sequence[int]) -> float:
    """Tokens per second of tagging all texts at once, in one process."""
    start = time.perf_counter()
    for _ in range(REPEATS):
        for _ in tagger.tag_texts(texts):
            pass
    return REPEATS * sum(counts) / (time.perf_counter() - start)


def memory(
    texts: Sequence[str], counts: Sequence[int], port: int, pid: int, requests: int
) -> Figures:
    """Resident bytes of the server after half of the requests and after all; each has words of its own."""
    pairs = enumerate(islice(cycle(zip(texts, counts, strict=True)), requests))
    asks = (
        request({"text": f"{text} word{number} Name{number}"}, count + 2)
        for number, (text, count) in pairs
    )
    in_turn(port, islice(asks, requests // 2), clients=CLIENTS[1])
    early = resident_bytes(pid)
    in_turn(port, asks, clients=CLIENTS[1])
    late = resident_bytes(pid)
    return {"memory early": [early], "memory late": [late], "memory ratio": ratios([late], [early])}


def resident_bytes(pid: int) -> int:
    """The resident memory of a process now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def server(run: str) -> Iterator[tuple[int, int]]:
    """Run the server of a run. Yields its port and its process id."""
    command = [sys.executable, "-m", "seqlab.serve", run, "--port", "0"]
    settings = {**environment(), "PYTHONUNBUFFERED": "1"}
    settings.pop("SEQLAB_TOKEN", None)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=settings, text=True
    )
    try:
        lines = iter(process.stdout.readline, "")
        ready = next((line for line in lines if line.startswith("serving on ")), None)
        if ready is None:
            raise RuntimeError("the server has not started")
        yield int(ready.rsplit(":", 1)[1]), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
