"""Kill trainings with SIGKILL at random moments, resume them until they are finished, and compare each with one that
nothing disturbed.

    .venv/bin/python scripts/chaos/kill_training.py [--kills 200] [--seed 1] [--cold 4] [--json FILE] [--only NAME]

Trainings of a few seconds run in nine configurations: softmax, CRF, resampling, word dropout, deferred Adam, word vectors,
frozen word vectors, a cache, and a return to the best epoch after an alarm. Half of them write a checkpoint after every
batch. A third of them replace an old run with --overwrite. A kill comes after a random time, or at a random file operation:
anywhere, among the first 30 (start), among the last 30 (final save), or while a checkpoint is being written.

Checked after each kill:
- the manifest is whole, and names a checkpoint that is no older than the last one that the process reported as saved;
- what is at the run's path can be loaded as a tagger, or has a stated reason why not;
- an old run that is being replaced is there until the new one is.
Checked at the end: weights, description, vocabularies, metrics and history are those of the undisturbed training, bit for
bit but for times; the directory holds the same files, and nothing is left beside it; no process printed a traceback.

Prints a line for each mistake, and the sums. The exit code is 1 after a mistake.
"""

import argparse
import os
import platform
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

from seqlab.errors import UserError
from seqlab.storing.run_directory import read_manifest
from seqlab.storing.save_and_load import load_run

sys.path.insert(0, str(Path(__file__).resolve().parent))
from trainings import (
    CONFIGURATIONS,
    Process,
    differences,
    import_training,
    options_of,
    print_figures,
    start,
    write_inputs,
)

EDGE = 30  # file operations that count as the start or the final save
WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}
KINDS = ("time", "time", "operation", "start", "save", "checkpoint")
REASONS = ("no run of seqlab here", "has not finished an epoch yet")
MOST_KILLS_OF_ONE = 6  # then the training may finish
COLD_SECONDS = 6.0
LEFT = ("run.lock is left over", "checkpoints/metrics.json is left over")
ORPHAN = re.compile(r"checkpoints/[a-z0-9-]+\.npz is left over")


class FileOperations:
    """Counts the file operations of this process in a folder. At number `kill_at` the process kills itself.

    part: a piece of a path; only operations on such paths count. delay: seconds from the operation to the kill.
    """

    def __init__(
        self, folder: Path, *, kill_at: int | None = None, part: str = "", delay: float = 0.0
    ) -> None:
        self.folder, self.kill_at, self.part, self.delay = str(folder), kill_at, part, delay
        self.count = 0
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Handle an audit event."""
        if event == "open":
            path, _, flags = arguments
            written = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if not written:
                return
        elif event in WRITING:
            path = arguments[0]
        else:
            return
        if not isinstance(path, str | bytes | os.PathLike):
            return
        name = os.fsdecode(path)
        if name.startswith(self.folder) and self.part in name:
            self.count += 1
            if self.count == self.kill_at:
                kill = partial(os.kill, os.getpid(), signal.SIGKILL)
                if self.delay:
                    Timer(self.delay, kill).start()
                else:
                    kill()


def report_checkpoints(path: Path) -> None:
    """In a training process: write a line to a file after each checkpoint that was saved."""
    from seqlab.checkpointing.checkpoints import Checkpoints

    write, descriptor = Checkpoints.write, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def reporting(self: Checkpoints, state: Any) -> None:
        write(self, state)
        os.write(descriptor, f"{state.progress.epoch} {state.progress.batch}\n".encode())

    Checkpoints.write = reporting  # type: ignore[method-assign]


@dataclass
class Whole:
    """The undisturbed training of a configuration. operations: file operations in it. seconds: its duration."""

    run: Path
    operations: int
    seconds: float


@dataclass
class Sums:
    """What happened. mistakes: one line each."""

    kills: Counter[str] = field(default_factory=Counter)
    by_configuration: Counter[str] = field(default_factory=Counter)
    trainings: int = 0
    replacing: int = 0
    while_writing: int = 0
    without_checkpoint: int = 0
    after_the_end: int = 0
    mistakes: list[str] = field(default_factory=list)

    def mistake(self, text: str) -> None:
        """Note a mistake, and print it."""
        self.mistakes.append(text)
        print(f"MISTAKE {text}", flush=True)


class Killer:
    """Runs trainings in a folder and kills them."""

    def __init__(self, folder: Path, dice: random.Random, cold: int) -> None:
        self.folder, self.dice, self.cold = folder, dice, cold
        self.sums, self.wholes = Sums(), dict[str, Whole]()

    def whole(self, name: str) -> Whole:
        """The undisturbed training of a configuration."""
        if name not in self.wholes:
            place = self.folder / "whole"
            place.mkdir(exist_ok=True)
            run, count = place / name.replace(" ", "-"), place / "count"

            def first() -> None:
                operations = FileOperations(run)
                end, os._exit = (
                    os._exit,
                    lambda code: (count.write_text(str(operations.count)), end(code)),
                )  # type: ignore[assignment]

            begin = time.monotonic()
            process = start(
                [*options_of(name, self.folder), "--out", str(run)], place / "output", first=first
            )
            if process.wait() != 0:
                raise SystemExit(f"{name}: the undisturbed training fails: {process.text()}")
            self.wholes[name] = Whole(run, int(count.read_text()), time.monotonic() - begin)
        return self.wholes[name]

    def train(self, name: str, kills_left: int) -> None:
        """Train one run with kills until it is finished."""
        whole, dice = self.whole(name), self.dice
        place = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        run = place / "run"
        replaces = dice.random() < 1 / 3
        if replaces:
            old = self.wholes[dice.choice(sorted(self.wholes))].run
            shutil.copytree(old, run)
            self.sums.replacing += 1
        new = [
            *options_of(name, self.folder),
            "--out",
            str(run),
            *(["--overwrite"] if replaces else []),
        ]
        new += ["--checkpoint-minutes", dice.choice(("0", "5"))]
        label = (
            f"{name}{' over an old run' if replaces else ''} (training {self.sums.trainings + 1})"
        )
        self.sums.trainings += 1
        argv, kills, operations = new, 0, whole.operations
        while True:
            kind = None
            if kills < min(MOST_KILLS_OF_ONE, kills_left) and (kills == 0 or dice.random() < 0.7):
                kind = dice.choice(KINDS)
            process = self.process(argv, place, run, kind, operations, whole.seconds)
            killed = process.code == -signal.SIGKILL
            if killed:
                kills += 1
                self.sums.kills[kind or "?"] += 1
                self.sums.by_configuration[name] += 1
                trains = self.after_kill(label, place, run, replaces)
                if self.is_finished(run, replaces, argv):
                    break
                argv = ["--resume", str(run)] if trains else new
                continue
            if process.code != 0 or "Traceback" in process.text():
                self.sums.mistake(f"{label}: exit code {process.code}: {process.text()[-2000:]}")
                break
            if "trying the checkpoint before" in process.text():
                self.sums.mistake(f"{label}: a checkpoint was damaged: {process.text()}")
            break
        if process.code in (0, -signal.SIGKILL):
            for text in differences(whole.run, run):
                # Killed between the last commit and the deletion of older files: the next training there deletes them.
                if killed and text in LEFT:
                    continue
                if killed and ORPHAN.fullmatch(text):
                    continue
                self.sums.mistake(f"{label}, after {kills} kills: {text}")
            for left in sorted(p.name for p in place.iterdir()):
                if left not in ("run", "output", "reported"):
                    self.sums.mistake(f"{label}: {left} is left beside the run")
        shutil.rmtree(place)

    def is_finished(self, run: Path, replaces: bool, argv: list[str]) -> bool:
        """Whether a killed process had finished its training, and is not one that was replacing an old run."""
        if (read_manifest(run) or {}).get("status") != "finished":
            return False
        done = "--resume" in argv or not replaces or self.is_new(run)
        self.sums.after_the_end += done
        return done

    def is_new(self, run: Path) -> bool:
        """Whether a finished run is no copy of an undisturbed one, by the time in its metrics."""
        text = (run / "metrics.json").read_bytes()
        return all((one.run / "metrics.json").read_bytes() != text for one in self.wholes.values())

    def process(
        self,
        argv: list[str],
        place: Path,
        run: Path,
        kind: str | None,
        operations: int,
        seconds: float,
    ) -> Process:
        """Run a training process to its end, or until it is killed. kind: of the kill; None lets it finish."""
        dice = self.dice
        at = {
            "operation": dice.randint(1, max(1, operations)),
            "start": dice.randint(1, EDGE),
            "save": max(1, operations - dice.randint(0, EDGE - 1)),
        }.get(kind or "")
        cold = kind == "time" and self.cold > 0
        part, delay = "", 0.0
        if kind == "checkpoint":  # opened to write, opened to flush, renamed
            at, part, delay = (
                dice.randint(1, 12),
                "checkpoints/.partial-",
                dice.choice((0.0, dice.uniform(0, 0.003))),
            )

        def first() -> None:
            report_checkpoints(place / "reported")
            if at is not None:
                FileOperations(run.parent, kill_at=at, part=part, delay=delay)

        process = start(argv, place / "output", cold=cold, first=first)
        if kind == "time":
            self.cold -= cold
            delay = dice.uniform(0, 1.1 * seconds + COLD_SECONDS * cold)
            if process.wait(delay) is None:
                process.kill()
        if process.wait() is None:
            process.kill()
            self.sums.mistake(f"{run}: a process hangs: {process.text()}")
            process.wait()
        return process

    def after_kill(self, label: str, place: Path, run: Path, replaces: bool) -> bool:
        """Check what a killed process has left. Returns whether it is a training that can be resumed."""
        reported = place / "reported"
        lines = reported.read_text().splitlines() if reported.exists() else []
        last = max((list(map(int, line.split())) for line in lines), default=[0, 0])
        content = read_manifest(run) if run.exists() else None
        self.sums.while_writing += any(True for _ in (run / "checkpoints").glob(".partial-*"))
        if content is None:
            if replaces and not list(place.glob(".run.old-*")):
                self.sums.mistake(f"{label}: neither the old nor the new run is there")
            if last > [0, 0]:
                self.sums.mistake(f"{label}: the checkpoint {last} is lost with its manifest")
            return False
        training = content.get("training", {})
        now = [training.get("epoch", 0), training.get("batch", 0)]
        trains = content.get("status") == "training" or (last > [0, 0])
        if trains and now < last:
            self.sums.mistake(f"{label}: the manifest has {now}, but {last} was saved")
        self.sums.without_checkpoint += content.get("status") == "training" and not training.get(
            "checkpoints"
        )
        try:
            load_run(run)
        except UserError as error:
            if not any(reason in str(error) for reason in REASONS):
                self.sums.mistake(f"{label}: cannot be loaded: {error}")
            elif training.get("best_epoch"):
                self.sums.mistake(f"{label}: has an epoch, but: {error}")
        return content.get("status") == "training" and bool(training.get("checkpoints"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--cold", type=int, default=4, help="processes that are started as a user starts them"
    )
    parser.add_argument("--only", choices=CONFIGURATIONS, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    begin = time.time()
    import_training()
    names = options.only or list(CONFIGURATIONS)
    with tempfile.TemporaryDirectory(prefix="kill-training-") as folder:
        write_inputs(Path(folder))
        killer = Killer(Path(folder), random.Random(options.seed), options.cold)  # noqa: S311
        sums, turn = killer.sums, 0
        while (left := options.kills - sums.kills.total()) > 0:
            killer.train(names[turn % len(names)], left)
            turn += 1
            print(
                f"{sums.kills.total()} kills, {sums.trainings} trainings, {len(sums.mistakes)} mistakes",
                flush=True,
            )
    facts = {
        "kills": sums.kills.total(),
        "kills_by_kind": dict(sums.kills),
        "kills_by_configuration": dict(sums.by_configuration),
        "kills_while_a_checkpoint_was_written": sums.while_writing,
        "kills_before_the_first_checkpoint": sums.without_checkpoint,
        "kills_after_the_last_commit": sums.after_the_end,
        "trainings": sums.trainings,
        "trainings_over_an_old_run": sums.replacing,
        "mistakes": sums.mistakes,
        "seed": options.seed,
        "seconds": round(time.time() - begin),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    return print_figures(facts, options.json)


if __name__ == "__main__":
    sys.exit(main())
