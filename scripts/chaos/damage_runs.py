"""Damage every file of small runs, and load and use them: the same answer, or one line of error.

    .venv/bin/python scripts/chaos/damage_runs.py [--mutants 10000] [--seed 1] [--file NAME ...] [--trained]
        [--workers 2] [--json FILE]

--mutants is the number for each file: weights.npz, tagger.json and so on, of runs with a softmax, a CRF, frozen word
vectors with n-grams, int8 weights and vectors, columns of features and numbers, and an unfinished training, in turn.
--trained also trains a run on the bundled sample, and takes its files in turn. Otherwise the weights are random, so that
a mutant takes milliseconds.

A mutant has a file whose bytes, JSON values, arrays or archive members were changed, that was swapped with another one,
or that is missing, huge, a directory, a FIFO or a link. For three of four mutants the manifest is forged to fit, so that
the damage reaches the readers. The run is then loaded, tags, and its settings and figures are read. It is a fault if

- anything but a `UserError` of one line is raised,
- the answers differ although the manifest was not forged,
- code is run, a process started, a module imported, or a file opened outside the run (by Python's audit events),
- a mutant takes more than 150 MB of memory, 5 seconds of processor time, or 120 seconds.

Prints a line for each file, and each fault with the seed that repeats it: `--file NAME --seed SEED --mutants 1`. The exit
code is 1 after a fault.
"""

import argparse
import json
import math
import os
import platform
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutant_runs import MutableRun, make_runs, sentences

from seqlab.errors import UserError
from seqlab.inference import spelling_cache
from seqlab.reporting.run_details import read_details
from seqlab.storing.mentions_file import read_mentions
from seqlab.storing.metrics_file import METRICS, support_by_class
from seqlab.storing.run_files import open_run
from seqlab.storing.run_settings import run_settings
from seqlab.storing.save_and_load import load_run

SAMPLE = Path(__file__).resolve().parents[2] / "data"
LONGEST = 5  # seconds of processor time for a mutant that takes milliseconds
LONGEST_WAIT = 120  # seconds; the machine may be busy
MOST_MEMORY = 150  # MB for a mutant of a few kB; files of 64 MB may take more
LONGEST_MESSAGE = 1500
FAULTS_SHOWN = 20
FORBIDDEN = (
    *(
        "pickle.find_class",
        "exec",
        "compile",
        "import",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
    ),
    *(
        "subprocess.Popen",
        "socket.connect",
        "ctypes.dlopen",
        "marshal.loads",
        "os.remove",
        "os.rename",
    ),
)
TOKENS = ("Ada", "saw", "Berlin", "1887", "Zorkograd", ".", "x" * 40)


@dataclass
class Watch:
    """What happened while a mutant was read, by Python's audit events. folder: the run; None records nothing."""

    folder: str | None = None
    events: list[str] = field(default_factory=list)
    installed: bool = False

    def install(self) -> None:
        """See every event from now on; Python can't take this back."""
        if not self.installed:
            sys.addaudithook(self)
        self.installed = True

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record a forbidden event. Python calls this for every event."""
        if self.folder is None:
            return
        if event in FORBIDDEN:
            self.events.append(f"{event} {str(arguments[:1])[:200]}")
        elif event == "open" and isinstance(arguments[0], str):
            writes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if writes or not os.path.realpath(arguments[0]).startswith(self.folder):
                self.events.append(f"open {arguments[0]!r}")


WATCH = Watch()


def answers(run: Path) -> Any:
    """All that a run answers: tags, scores, best paths, settings and figures; each a value or a line of error."""
    readers = (use_tagger, settings_of, figures_of, mentions_of, details_of)
    return tuple(map(refused_or(run), readers))


def refused_or(run: Path) -> Any:
    """A function that gives what a reader returns, or its error as a text of one line."""

    def read(reader: Any) -> Any:
        try:
            return reader(run)
        except UserError as error:
            message = str(error)
            if len(message.splitlines()) != 1 or len(message) > LONGEST_MESSAGE:
                raise AssertionError(f"not one line: {message[:300]!r}") from error
            return f"error: {message}"

    return read


def use_tagger(run: Path) -> Any:
    """Tags, scores and best paths of some sentences."""
    tagger = load_run(run)
    given = sentences()
    predictions = list(tagger.predict(given))
    columns: dict[str, Any] = {
        "features": {name: ["N"] * len(TOKENS) for name in tagger.encoder.feature_columns},
        "numbers": {name: [1.0] * len(TOKENS) for name in tagger.encoder.numeric_columns},
    }
    tags = tagger.tag(TOKENS, **columns)
    paths = tagger.n_best(TOKENS, 2, **columns)
    scores = [tuple(prediction.scores.tolist()) for prediction in predictions]
    if not all(map(math.isfinite, sum(scores, ()))):
        raise AssertionError(f"scores that are no numbers: {scores}")
    return tuple(p.tags for p in predictions), tuple(scores), tuple(tags), tuple(map(repr, paths))


def settings_of(run: Path) -> str:
    """How training read its corpora."""
    return repr(run_settings(run))


def figures_of(run: Path) -> Any:
    """The figures of the validation split that commands read."""
    files = open_run(run)
    return sorted(support_by_class(files, "valid").items()) if files.has(METRICS) else None


def mentions_of(run: Path) -> Any:
    """The mentions that training has seen."""
    mentions = read_mentions(open_run(run))
    return None if mentions is None else tuple(mentions.tolist())


def details_of(run: Path) -> str:
    """What the page of the run has from its corpora."""
    return repr(read_details(open_run(run)))


def megabytes(name: str) -> float:
    """A figure of this process's memory: VmRSS now, VmHWM the peak. 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split(f"{name}:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def forget_peak() -> None:
    """Let the peak of memory begin again."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def too_long(*_: object) -> None:
    """Raise AssertionError when a mutant takes too long."""
    raise AssertionError(f"takes longer than {LONGEST_WAIT} s")


def judged(run: MutableRun, name: str, seed: int, whole: Any) -> tuple[str, float]:
    """Make and read a mutant. whole: the answers of the undamaged run.

    Returns 'same', 'refused' or 'other', and the memory it took in MB. Raises AssertionError for a fault.
    """
    dice = random.Random(f"{name} {seed}")  # noqa: S311
    mutant = run.mutate(name, dice)
    forget_peak()
    before = megabytes("VmRSS")
    WATCH.events.clear()
    signal.alarm(LONGEST_WAIT)
    start = time.process_time()
    WATCH.folder = str(run.path)
    try:
        found = answers(run.path)
    finally:
        WATCH.folder = None
        signal.alarm(0)
    grown, seconds = megabytes("VmHWM") - before, time.process_time() - start
    if seconds > LONGEST:
        raise AssertionError(f"{mutant.kind}: takes {seconds:.1f} s")
    if WATCH.events:
        raise AssertionError(f"{mutant.kind}: {WATCH.events[0]}")
    if grown > MOST_MEMORY:
        raise AssertionError(f"{mutant.kind}: takes {grown:.0f} MB")
    if found == whole:
        return "same", grown
    parts = zip(found, whole, strict=True)
    if all(a == b or (isinstance(a, str) and a.startswith("error: ")) for a, b in parts):
        return "refused", grown
    if not mutant.forged:
        raise AssertionError(f"{mutant.kind}: another answer, but the manifest was not forged")
    return "other", grown


def damage_file(name: str, seeds: range, folder: str, trained: str | None) -> dict[str, Any]:
    """Read the mutants of one file of all runs that have it. Returns their counts and faults."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    place = Path(tempfile.mkdtemp(dir=folder))
    spelling_cache.MAX_SPELLINGS = (
        64  # setting up a cache of thousands takes 100 times as long as all else
    )
    sources = make_runs(place / "whole") | ({"trained": Path(trained)} if trained else {})
    contents = {
        str(path): path.read_bytes()
        for source in sources.values()
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    runs = {
        key: MutableRun(source, (place / key).resolve(), contents)
        for key, source in sources.items()
        if (source / name).is_file()
    }
    whole = {key: answers(run.path) for key, run in runs.items()}
    if any(str(part).startswith("error: ") for found in whole.values() for part in found):
        raise RuntimeError(f"an undamaged run is refused: {whole}")
    WATCH.install()
    counts: Counter[str] = Counter()
    faults: list[str] = []
    slowest = most = 0.0
    for seed in seeds:
        key = list(runs)[seed % len(runs)]
        start = time.process_time()
        try:
            outcome, grown = judged(runs[key], name, seed, whole[key])
            counts[outcome] += 1
            most = max(most, grown)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            counts["fault"] += 1
            lines = [
                f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)
            ]
            faults.append(
                f"{name} of {key}, seed {seed}: {type(error).__name__}: {str(error)[:300]} {lines[-3:]}"
            )
        slowest = max(slowest, time.process_time() - start)
        runs[key].restore()
    return {
        "file": name,
        "runs": len(runs),
        "mutants": len(seeds),
        **{outcome: counts[outcome] for outcome in ("refused", "same", "other", "fault")},
        "slowest_seconds": round(slowest, 3),
        "most_megabytes": round(most, 1),
        "faults": faults[:FAULTS_SHOWN],
    }


def file_names(folder: Path) -> list[str]:
    """The files of all runs."""
    runs = make_runs(folder).values()
    names = {
        str(path.relative_to(run)) for run in runs for path in run.rglob("*") if path.is_file()
    }
    return sorted(names)


def train_run(folder: Path) -> str:
    """Train a small run on the bundled sample. Returns its directory."""
    import seqlab

    seqlab.train_tagger(
        train=str(SAMPLE / "valid.conll"),
        valid=str(SAMPLE / "test.conll"),
        epochs=1,
        hidden_units=8,
        word_dim=8,
        out=folder / "trained",
    )
    return str(folder / "trained")


def line_of(row: dict[str, Any]) -> str:
    """A row of the table."""
    return (
        f"{row['file']:<20} {row['mutants']:>7,} {row['refused']:>8,} {row['same']:>7,} {row['other']:>7,} "
        f"{row['fault']:>7,} {row['slowest_seconds']:>9.2f} {row['most_megabytes']:>7.1f}"
    )


def main(argv: list[str] | None = None) -> int:
    """Damage the files in processes of their own. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000, help="for each file")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; mutant i has seed + i")
    parser.add_argument("--file", nargs="*", help="the files to damage; by default all")
    parser.add_argument("--trained", action="store_true", help="damage a trained run too")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(argv)
    seeds = range(options.seed, options.seed + options.mutants)
    rows: list[dict[str, Any]] = []
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        names = options.file or file_names(Path(folder) / "names")
        trained = train_run(Path(folder)) if options.trained else None
        print(
            "file                 mutants  refused    same   other  faults slowest s most MB",
            flush=True,
        )
        pool = ProcessPoolExecutor(options.workers, mp_context=get_context("spawn"))
        with pool:
            tasks = [pool.submit(damage_file, name, seeds, folder, trained) for name in names]
            for name, task in zip(names, tasks, strict=True):
                try:
                    rows.append(task.result())
                except BrokenProcessPool:
                    print(f"{name}: the process of this file, or of one beside it, was ended")
                    return 1
                print(line_of(rows[-1]), flush=True)
                for fault in rows[-1]["faults"]:
                    print(f"  {fault}", flush=True)
    total = {
        key: sum(row[key] for row in rows)
        for key in ("mutants", "refused", "same", "other", "fault")
    }
    facts = {
        "seed": options.seed,
        "python": platform.python_version(),
        "seconds": round(time.monotonic() - start, 1),
        "total": total,
        "files": rows,
    }
    if options.json:
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"{total['mutants']:,} mutants, {total['fault']:,} faults, in {facts['seconds']:.0f} s")
    return int(total["fault"] > 0)


if __name__ == "__main__":
    sys.exit(main())
