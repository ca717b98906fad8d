"""Small trainings for the scripts that disturb them: corpora, configurations, processes, and what must be equal at the end.

A training process is a copy (fork) of one that has imported TensorFlow and computed nothing with it, because importing
takes longer than training. `cold=True` starts a process as a user does.
"""

import importlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.modeling.quiet_import import import_tensorflow

FIRST, LAST = ("Ada", "Boris", "Clara", "Dmitri"), ("Stone", "Marsh", "Vale", "Reed")
PLACES = ("Paris", "Oslo", "Cairo", "Lima")
SIZES = (
    "--epochs 3 --batch-sentences 6 --learning-rate 0.02 --dropout 0.2 --word-dim 6 --hidden-units 4 "
    "--word-features none --char-encoder none"
)
CONFIGURATIONS = {
    "softmax": "--head softmax --resample none",
    "crf": "--head crf --resample none --class-weights balanced",
    "resampling": "--head softmax --resample scr",
    "word dropout": "--head softmax --resample none --word-dropout 0.5",
    "deferred Adam": "--head softmax --resample none --word-updates deferred",
    "vectors": "--head softmax --resample none --vectors VECTORS",
    "frozen vectors": "--head softmax --resample none --vectors VECTORS --freeze-vectors --keep-vectors training",
    "cache": "--head softmax --resample none --cache CACHE",
    "restore": "--head softmax --resample none --on-collapse restore --learning-rate 0.3 --select valid_loss",
}
TIMES = ("seconds", "evaluation_seconds", "train_tokens_per_second")
CHANGING = {
    "report.html",
    "log.txt",
    "history.jsonl",
    "metrics.json",
    "manifest.json",
    "config.toml",
}
LONGEST = 600  # seconds for a process that needs a few


def write_inputs(folder: Path) -> None:
    """Write the corpora and the word vectors, each time the same."""
    dice = random.Random(7)  # noqa: S311, no secret
    for part, size in (("train", 30), ("valid", 8), ("test", 8)):
        lines = []
        for _ in range(size):
            place = dice.random() < 0.7
            lines += [f"{dice.choice(FIRST)} B-PER", f"{dice.choice(LAST)} I-PER", "saw O"]
            lines += ["the O", "old O"] if dice.random() < 0.5 else []
            lines += [f"{dice.choice(PLACES)} B-LOC" if place else "museum O", ". O", ""]
        (folder / f"{part}.conll").write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = [word.lower() for word in (*FIRST, *LAST, *PLACES, "saw", "the", "tower", "river")]
    rows = [f"{w} {' '.join(f'{dice.gauss(0, 1):.3f}' for _ in range(6))}" for w in words]
    (folder / "vectors.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")


def options_of(name: str, folder: Path) -> list[str]:
    """The options of a configuration, with the inputs in `folder`."""
    places = {"VECTORS": str(folder / "vectors.txt"), "CACHE": str(folder / "cache")}
    words = f"{SIZES} {CONFIGURATIONS[name]}".split()
    given = dict(zip(words[::2], words[1::2], strict=False))
    if "--freeze-vectors" in words:  # the only option without a value
        words.remove("--freeze-vectors")
        given = dict(zip(words[::2], words[1::2], strict=True)) | {"--freeze-vectors": ""}
    given |= {f"--{part}": str(folder / f"{part}.conll") for part in ("train", "valid", "test")}
    return [places.get(word, word) for pair in given.items() for word in pair if word]


def import_training() -> None:
    """Import everything that a training imports, so that its copies need not."""
    import_tensorflow()
    for name in ("train", "experiment.fit", "experiment.run", "reporting.page"):
        importlib.import_module(f"seqlab.{name}")


@dataclass
class Process:
    """A training process. output: the file with what it prints. code: its exit code, negative after a signal."""

    pid: int
    output: Path
    code: int | None = None

    def wait(self, seconds: float = LONGEST) -> int | None:
        """Wait for its end. Returns its exit code; None if it still runs after this time."""
        end = time.monotonic() + seconds
        while self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                return None
            else:
                time.sleep(0.002)
        return self.code

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, if it still runs."""
        if self.code is None:
            os.kill(self.pid, number)

    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")


def start(
    argv: Sequence[str],
    output: Path,
    *,
    cold: bool = False,
    first: Callable[[], None] = lambda: None,
) -> Process:
    """Start `seqlab train` with these arguments. first: called in the new process before anything else; not with `cold`."""
    if cold:
        with output.open("wb") as file:
            command = [sys.executable, "-P", "-m", "seqlab.train", *argv]
            started = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        started.returncode = 0  # its end is waited for by `Process.wait`
        return Process(started.pid, output)
    pid = os.fork()
    if pid:
        return Process(pid, output)
    code = 99
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        first()
        code = importlib.import_module("seqlab.train").main(list(argv))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def without_times(value: Any) -> Any:
    """A JSON value without the times in it."""
    if isinstance(value, dict):
        return {name: without_times(part) for name, part in value.items() if name not in TIMES}
    return [without_times(part) for part in value] if isinstance(value, list) else value


def files_in(run: Path) -> dict[str, Path]:
    """The files of a run directory by their names in it."""
    return {p.relative_to(run).as_posix(): p for p in sorted(run.rglob("*")) if p.is_file()}


def differences(whole: Path, run: Path) -> list[str]:
    """What is not equal in a finished run and the one that nothing disturbed, bit for bit; times may differ."""
    expected, found = files_in(whole), files_in(run)
    out = [f"{name} is missing" for name in expected.keys() - found.keys()]
    out += [f"{name} is left over" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        one, other = expected[name].read_bytes(), found[name].read_bytes()
        if name == "history.jsonl":
            lines = (
                [without_times(json.loads(line)) for line in text.splitlines()]
                for text in (one, other)
            )
            same = next(lines) == next(lines)
        elif name == "metrics.json":
            same = without_times(json.loads(one)) == without_times(json.loads(other))
        elif name.startswith("checkpoints/epoch-"):  # holds times
            same = True
        else:
            same = name in CHANGING or one == other
        out += [] if same else [f"{name} differs"]
    status = json.loads((run / "manifest.json").read_text())["status"]
    return out if status == "finished" else [*out, f"its status is {status!r}"]


def act_at(place: tuple[str, str, int], act: Callable[[], None]) -> None:
    """In this process, have something happen when a function is called. place: its module, its name, and which call."""
    module_name, name, number = place
    owner: Any = importlib.import_module(module_name)
    *parents, last = name.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    inner, calls = getattr(owner, last), itertools.count(1)

    def acting(*arguments: Any, **keywords: Any) -> Any:
        if next(calls) == number:
            act()
        return inner(*arguments, **keywords)

    setattr(owner, last, acting)


def print_figures(facts: dict[str, Any], path: Path | None) -> int:
    """Print the figures of a harness as JSON, and write them to a file if one is given. Returns the exit code."""
    text = json.dumps(facts, indent=1)
    print(text)
    if path:
        path.write_text(f"{text}\n", encoding="utf-8")
    return 1 if facts["mistakes"] else 0
