"""Use one tagger in threads, in forked and in started processes, and pickled: every answer is the same, to the last bit.

    .venv/bin/python scripts/chaos/use_tagger_everywhere.py [--run RUN] [--calls 100000] [--forks 300] [--json FILE]

Without --run it trains a small tagger with word vectors on the bundled sample, in a temporary directory. The answers of
one thread, on 200 inputs (tokens and raw texts in turn), are what all others are compared with:

- copies: a pickled tagger, a deep copy, and the run loaded again.
- threads: --threads of them make --calls calls of one tagger. Memory is compared with that after a tenth of the calls.
- new words: the same calls, each with a word that no call had before, so that the cache of spellings overflows.
- fork, first use: --forks times, threads use a new tagger for the first time while the process forks. The child tags with
  the same tagger in two threads. One that has not ended after 60 seconds hangs.
- fork, in use: the same with one tagger that threads have used for long.
- spawn, forkserver: processes that get the tagger pickled.

Prints one line for each, and exits with code 1 after a wrong answer or a hang.
"""

import argparse
import copy
import json
import multiprocessing
import os
import pickle
import platform
import random
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from seqlab.corpus.reading import read_corpus
from seqlab.tagging.tagger import Tagger

Input = tuple[str, ...] | str
SAMPLE = Path(__file__).resolve().parents[2] / "data"
INPUTS = 200
LONGEST_WAIT = 60  # seconds for a forked process that needs less than one
MEGABYTE = 2**20


def train_run(folder: Path) -> Path:
    """Train a small tagger whose vectors know words that training does not have. Returns its run directory."""
    import seqlab

    words = sorted(
        {word.lower() for one in read_corpus(SAMPLE / "test.conll") for word in one.tokens}
    )
    dice = random.Random(1)  # noqa: S311, no secret
    rows = (f"{word} {' '.join(f'{dice.gauss(0, 1):.3f}' for _ in range(16))}\n" for word in words)
    vectors = folder / "vectors.txt"
    vectors.write_text("".join(rows), encoding="utf-8")
    seqlab.train_tagger(
        train=str(SAMPLE / "valid.conll"),
        valid=str(SAMPLE / "test.conll"),
        vectors=str(vectors),
        epochs=1,
        hidden_units=24,
        out=folder / "run",
    )
    return folder / "run"


def make_inputs(count: int) -> list[Input]:
    """Sentences of the bundled sample: tokens and raw texts in turn."""
    sentences = islice(cycle(read_corpus(SAMPLE / "test.conll")), count)
    return [one.tokens if n % 2 else " ".join(one.tokens) for n, one in enumerate(sentences)]


def answer(tagger: Tagger, one: Input) -> Any:
    """The tags of tokens; the spans and tokens of a text, with their probabilities."""
    return tagger.tag_text(one) if isinstance(one, str) else tagger.tag(one)


def count_wrong(tagger: Tagger, inputs: Sequence[Input], expected: Sequence[Any]) -> int:
    """How many answers are not those expected."""
    return sum(answer(tagger, one) != right for one, right in zip(inputs, expected, strict=True))


def memory() -> float:
    """The resident memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / MEGABYTE


def in_threads(
    tagger: Tagger,
    inputs: Sequence[Input],
    expected: Sequence[Any],
    *,
    threads: int,
    calls: int,
    new_words: bool = False,
) -> dict[str, Any]:
    """Make calls in many threads. new_words: each call tags a word more, whose tag is not compared."""
    wrong, after_a_tenth, start = [0] * threads, [0.0], time.monotonic()

    def work(number: int) -> None:
        dice = random.Random(number)  # noqa: S311
        for call in range(calls // threads):
            if number == 0 and call == calls // threads // 10:
                after_a_tenth[0] = memory()
            index = dice.randrange(len(inputs))
            if new_words:
                answer(tagger, (f"new{number}x{call}", "word"))
            wrong[number] += answer(tagger, inputs[index]) != expected[index]

    run_all([lambda n=n: work(n) for n in range(threads)])
    return {
        "calls": calls // threads * threads,
        "threads": threads,
        "wrong": sum(wrong),
        "MB after a tenth of the calls": round(after_a_tenth[0], 1),
        "MB at the end": round(memory(), 1),
        "seconds": round(time.monotonic() - start, 1),
    }


def run_all(works: Sequence[Callable[[], None]]) -> None:
    """Run functions in threads of their own."""
    started = [threading.Thread(target=work) for work in works]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


@contextmanager
def used_by_threads(tagger: Tagger, inputs: Sequence[Input], threads: int) -> Iterator[None]:
    """Within the block, threads use the tagger all the time."""
    end = threading.Event()

    def work(number: int) -> None:
        for one in islice(cycle(inputs), number, None):
            if end.is_set():
                return
            answer(tagger, one)

    started = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in started:
            thread.join()


def forked(
    make_tagger: Callable[[], Tagger],
    inputs: Sequence[Input],
    expected: Sequence[Any],
    *,
    threads: int,
    forks: int,
) -> dict[str, Any]:
    """Fork while threads use a tagger; the child tags with it."""
    codes: list[int | None] = []
    dice = random.Random(1)  # noqa: S311
    for _ in range(forks):
        tagger = make_tagger()
        with used_by_threads(tagger, inputs, threads):
            time.sleep(dice.random() * 0.02)
            child = os.fork()
            if child == 0:
                os._exit(child_code(tagger, inputs, expected))
            codes.append(exit_code(child))
    return {
        "forks": forks,
        "threads": threads,
        "wrong": sum(code not in (0, None) for code in codes),
        "hangs": codes.count(None),
    }


def child_code(tagger: Tagger, inputs: Sequence[Input], expected: Sequence[Any]) -> int:
    """Tag in two threads of a forked process. Returns 0 if all answers are right."""
    wrong: list[int] = []
    try:
        run_all([lambda: wrong.append(count_wrong(tagger, inputs, expected))] * 2)
    except BaseException:
        return 2
    return int(wrong != [0, 0])


def exit_code(child: int) -> int | None:
    """Wait for a process. Returns None for one that hangs, and ends it."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def in_processes(
    method: str, tagger: Tagger, inputs: Sequence[Input], expected: Sequence[Any], *, processes: int
) -> dict[str, Any]:
    """Send the tagger to processes."""
    with multiprocessing.get_context(method).Pool(processes) as pool:
        sent = [(tagger, inputs, expected)] * processes
        wrong = pool.starmap_async(count_wrong, sent, chunksize=1).get(LONGEST_WAIT * 5)
    return {"processes": processes, "wrong": sum(wrong)}


def use_everywhere(
    run: Path, *, calls: int, threads: int, forks: int, inputs: int
) -> dict[str, dict[str, Any]]:
    """Do all checks. Returns the figures of each."""
    import seqlab

    tagger, texts = seqlab.load(run), make_inputs(inputs)
    alone = replace(tagger)
    expected = [answer(alone, one) for one in texts]
    pickled = pickle.dumps(tagger)
    copies = (pickle.loads(pickled), copy.deepcopy(tagger), seqlab.load(run), replace(tagger))  # noqa: S301
    wrong = sum(count_wrong(one, texts, expected) for one in copies)
    few, right = texts[:12], expected[:12]
    forked_from = {"threads": min(threads, 8), "forks": forks}
    figures: dict[str, dict[str, Any]] = {
        "copies": {"copies": len(copies), "wrong": wrong, "pickle, kB": len(pickled) // 1000}
    }
    # First, while no library has started threads of its own.
    figures["fork, first use"] = forked(lambda: replace(tagger), few, right, **forked_from)
    figures["fork, in use"] = forked(lambda: alone, few, right, **forked_from)
    for method in ("spawn", "forkserver"):
        figures[method] = in_processes(method, tagger, texts, expected, processes=2)
    figures["threads"] = in_threads(tagger, texts, expected, threads=threads, calls=calls)
    figures["new words"] = in_threads(
        tagger, texts, expected, threads=threads, calls=calls, new_words=True
    )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--forks", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)  # it is the point of this
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or trained_apart(Path(folder))
        sizes = {"calls": options.calls, "threads": options.threads, "forks": options.forks}
        figures = use_everywhere(run, **sizes, inputs=INPUTS)
    for name, values in figures.items():
        print(f"{name}: " + ", ".join(f"{value} {what}" for what, value in values.items()))
    if options.json:
        about = {"python": platform.python_version(), "command": " ".join(sys.argv[1:])}
        text = json.dumps(about | {"checks": figures}, indent=1)
        options.json.write_text(text + "\n", encoding="ascii")
    if any(values["wrong"] or values.get("hangs") for values in figures.values()):
        sys.exit("there are wrong answers or hangs")


def trained_apart(folder: Path) -> Path:
    """Train in another process: TensorFlow's own threads do not belong into one that forks."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(train_run, (folder,))


if __name__ == "__main__":
    main()
