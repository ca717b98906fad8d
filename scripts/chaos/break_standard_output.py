"""Break standard output under every command: no output is cut silently, and no fault is a traceback.

    .venv/bin/python scripts/chaos/break_standard_output.py [--run RUN] [--json FILE]

Without --run it trains a small tagger on the bundled sample. Each command prints, with Python's buffer and without:

- full device: into /dev/full. Expected: exit code 2 and one line of error.
- full disk: into a file that takes half of the output. Expected: that half, exit code 2 and one line that counts it.
- slow pipe: into a pipe that does not block, whose reader waits a second. Expected: the whole output, exit code 0.
- no reader: into a pipe whose reader has ended. Expected: exit code 0 and no error.

Prints one line for each fault, and exits with code 1 if anything else happens.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from use_tagger_everywhere import SAMPLE, train_run

FACT = "error: standard output ends after "


class Done(NamedTuple):
    """How a command ended: its exit code, the last line of its errors, and its output."""

    code: int
    error: str
    output: bytes


def commands(run: Path) -> list[list[str]]:
    """The commands, all of which print."""
    test, names = str(SAMPLE / "test.conll"), ("convert", "audit", "train", "evaluate", "compare")
    return [
        [],
        ["--version"],
        *([name, "--help"] for name in (*names, "tag", "suggest", "vectors")),
        ["train", "--print-config"],
        ["audit"],
        ["audit", "--json"],
        ["evaluate", str(run), test],
        ["evaluate", str(run), test, "--json"],
        ["tag", str(run), test],
        ["tag", str(run), test, "--output-format", "jsonl", "--scores"],
        ["suggest", str(run), test, "--for", "prodigy"],
    ]


def start(command: Sequence[str], unbuffered: str, **options: object) -> subprocess.Popen[bytes]:
    """Start a command."""
    return subprocess.Popen(
        [sys.executable, "-m", "seqlab", *command],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        **options,  # type: ignore[call-overload]
    )


def end(process: subprocess.Popen[bytes], output: bytes = b"") -> Done:
    """Wait for a command."""
    _, errors = process.communicate(timeout=120)
    lines = errors.decode().splitlines() or [""]
    return Done(process.returncode, lines[-1], output)


def whole(command: Sequence[str], unbuffered: str) -> Done:
    """Nothing is broken."""
    process = start(command, unbuffered, stdout=subprocess.PIPE)
    output, errors = process.communicate(timeout=120)
    return Done(process.returncode, errors.decode(), output)


def full_device(command: Sequence[str], unbuffered: str, expected: bytes) -> bool:
    """Write into /dev/full."""
    with Path("/dev/full").open("wb") as file:
        done = end(start(command, unbuffered, stdout=file))
    return done.code == 2 and done.error.startswith(f"{FACT}0 lines, 0 bytes: No space left")


def full_disk(command: Sequence[str], unbuffered: str, expected: bytes) -> bool:
    """Write into a file that takes half of the output."""
    half = len(expected) // 2
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (half, half))
    with tempfile.TemporaryFile() as file:
        done = end(start(command, unbuffered, stdout=file, preexec_fn=limit))
        file.seek(0)
        written = file.read()
    lines = written.count(b"\n")
    noun = "line" if lines == 1 else "lines"
    fact = f"{FACT}{lines:,} {noun}, {half:,} bytes: File too large"
    return (done.code, done.error, written) == (2, fact, expected[:half])


def slow_pipe(command: Sequence[str], unbuffered: str, expected: bytes) -> bool:
    """Write into a pipe that does not block."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = start(command, unbuffered, stdout=writer)
    os.close(writer)
    time.sleep(1)
    with os.fdopen(reader, "rb") as file:
        output = file.read()
    return end(process).code == 0 and output == expected


def no_reader(command: Sequence[str], unbuffered: str, expected: bytes) -> bool:
    """Write into a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    process = start(command, unbuffered, stdout=writer)
    os.close(writer)
    done = end(process)
    return done.code == 0 and not done.error.startswith(("error", "OSError", "BrokenPipe"))


FAULTS: tuple[Callable[[Sequence[str], str, bytes], bool], ...] = (
    full_device,
    full_disk,
    slow_pipe,
    no_reader,
)


def break_all(run: Path) -> tuple[Counter[str], list[str]]:
    """Break the output of every command. Returns the number of trials by fault, and the failed ones."""
    trials: Counter[str] = Counter()
    failed: list[str] = []
    for command in commands(run):
        print(f"seqlab {' '.join(command)}", file=sys.stderr, flush=True)
        for unbuffered in ("", "1"):
            expected = whole(command, unbuffered)
            if expected.code or not expected.output:
                sys.exit(f"seqlab {' '.join(command)}: {expected}")
            for fault in FAULTS:
                name = fault.__name__.replace("_", " ")
                trials[name] += 1
                if not fault(command, unbuffered, expected.output):
                    failed.append(f"{name}, unbuffered {unbuffered!r}: seqlab {' '.join(command)}")
    return trials, failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run
        if run is None:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                run = pool.apply(train_run, (Path(folder),))
        trials, failed = break_all(run)
    for name, count in trials.items():
        print(f"{name}: {count} trials, {sum(one.startswith(name) for one in failed)} failed")
    if options.json:
        figures = {"trials": dict(trials), "failed": failed}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="ascii")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
