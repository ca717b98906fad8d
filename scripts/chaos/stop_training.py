"""Send Ctrl-C, SIGTERM and SIGHUP to trainings at chosen and at random moments: each ends with exit code 130 and one line,
and goes on to the same end.

    .venv/bin/python scripts/chaos/stop_training.py [--random 20] [--cold 3] [--seed 1] [--json FILE]

Chosen moments: while the corpora are read, while the network is built, while TensorFlow traces the first step, within an
epoch, while a checkpoint is written, in validation, between two epochs, between the last epoch and the save, during the
save. At each comes each signal once, and Ctrl-C twice. Then --random signals come after a random time; --cold of these
processes are started as a user starts them.

Checked: the exit code is 130 (0 if the training was finished just then); no traceback; one line that says what happened,
and how to go on if a checkpoint is there; otherwise nothing is left. The training that goes on ends as one that was never
stopped, bit for bit but for times. The exit code of this script is 1 after a mistake.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from seqlab.storing.run_directory import read_manifest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from trainings import (
    act_at,
    differences,
    files_in,
    import_training,
    options_of,
    print_figures,
    start,
    write_inputs,
)

# By moment: module, name of a function there, and the call of it in which the signal comes.
MOMENTS = {
    "reading": ("seqlab.experiment.prepare", "read_splits", 1),
    "building": ("seqlab.experiment.build", "build_network", 1),
    "tracing": ("seqlab.training.step", "class_sums", 1),
    "epoch": ("seqlab.training.step", "Steps.train", 8),
    "checkpoint": ("seqlab.checkpointing.checkpoints", "write_arrays", 3),
    "validation": ("seqlab.training.step", "Steps.evaluate", 1),
    "between epochs": ("seqlab.reporting.log", "Log.epoch", 1),
    "before the save": ("seqlab.experiment.fit", "decide", 1),
    "save": ("seqlab.experiment.run", "save_network", 1),
}
SIGNALS = {"Ctrl-C": [signal.SIGINT], "SIGTERM": [signal.SIGTERM], "SIGHUP": [signal.SIGHUP]}
TWICE = {"Ctrl-C twice": [signal.SIGINT, signal.SIGINT]}
NOTICE = "interrupted: stopping as soon as nothing is lost; a second signal ends at once"
COLD_SECONDS = 6.0


def signal_at(moment: str, numbers: list[int]) -> None:
    """In a training process: have it signal itself when a function is called."""

    def send() -> None:
        for number in numbers:
            os.kill(os.getpid(), number)

    act_at(MOMENTS[moment], send)


class Stopper:
    """Runs trainings in a folder and sends them signals. mistakes: one line each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mistakes, self.stops = folder, list[str](), Counter[str]()
        self.argv = options_of("word dropout", folder)
        self.whole = folder / "whole"
        begin = time.monotonic()
        process = start([*self.argv, "--out", str(self.whole)], folder / "output")
        if process.wait() != 0:
            raise SystemExit(f"the undisturbed training fails: {process.text()}")
        self.seconds = time.monotonic() - begin

    def stop(
        self,
        label: str,
        *,
        first: Callable[[], None] = lambda: None,
        after: float | None = None,
        number: int = 0,
        cold: bool = False,
        minutes: str = "0",
        resumes: bool = True,
    ) -> None:
        """Train with a signal, check how it ends, and go on. after: seconds until the signal `number`."""
        place = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        run = place / "run"
        argv = [*self.argv, "--out", str(run), "--checkpoint-minutes", minutes]
        process = start(argv, place / "output", first=first, cold=cold)
        if after is not None and process.wait(after) is None:
            process.kill(number)
        code, text = process.wait(), process.text()
        self.stops[label.partition(",")[0]] += 1
        lines = [line for line in text.splitlines() if "interrupted" in line and line != NOTICE]
        if "Traceback" in text or "Error" in text:
            self.mistakes.append(f"{label}: a traceback: {text[-1500:]}")
        if code not in (130, 0) or (code == 130 and len(lines) != 1):
            self.mistakes.append(f"{label}: exit code {code}, lines {lines}: {text[-500:]}")
        content = read_manifest(run) or {}
        saved = bool(content.get("training", {}).get("checkpoints"))
        if code == 130 and saved and "Ctrl-C twice" not in label:
            if f"resume it with: python -m seqlab.train --resume {run}" not in lines[0]:
                self.mistakes.append(f"{label}: does not say how to go on: {lines}")
            if (
                content["training"]["best_epoch"]
                and not (run / "report.html").exists()
                and "save" not in label
            ):
                self.mistakes.append(f"{label}: has no report")
        if (
            code == 130
            and not saved
            and "Ctrl-C twice" not in label
            and files_in(place).keys() != {"output"}
        ):
            self.mistakes.append(f"{label}: left {sorted(files_in(place))}")
        if code == 130 and saved and resumes:
            again = start(["--resume", str(run)], place / "output")
            if again.wait() != 0:
                self.mistakes.append(f"{label}: cannot go on: {again.text()[-1500:]}")
                return
        if code == 0 or (saved and resumes):
            self.mistakes += [f"{label}: {text}" for text in differences(self.whole, run)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument("--cold", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moment", choices=MOMENTS, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    begin, dice = time.time(), random.Random(options.seed)  # noqa: S311
    import_training()
    with tempfile.TemporaryDirectory(prefix="stop-training-") as folder:
        write_inputs(Path(folder))
        stopper = Stopper(Path(folder))
        for moment in options.moment or MOMENTS:
            for name, numbers in (SIGNALS | TWICE).items():
                before = len(stopper.mistakes)
                stopper.stop(
                    f"{moment}, {name}",
                    first=partial(signal_at, moment, numbers),
                    resumes=name != "SIGHUP",
                )
                print(f"{moment}, {name}:", *(stopper.mistakes[before:] or ["right"]), flush=True)
        for turn in range(options.random):
            cold = turn < options.cold
            name = dice.choice(list(SIGNALS))
            after = dice.uniform(0, stopper.seconds + COLD_SECONDS * cold)
            before = len(stopper.mistakes)
            stopper.stop(
                f"random, {name} after {after:.2f} s{', cold' if cold else ''}",
                after=after,
                number=SIGNALS[name][0],
                cold=cold,
                minutes=dice.choice(("0", "5")),
            )
            print(
                f"random, {name}, {after:.2f} s:",
                *(stopper.mistakes[before:] or ["right"]),
                flush=True,
            )
    facts = {
        "stops": stopper.stops.total(),
        "stops_by_moment": dict(stopper.stops),
        "mistakes": stopper.mistakes,
        "seed": options.seed,
        "seconds": round(time.time() - begin),
    }
    return print_figures(facts, options.json)


if __name__ == "__main__":
    sys.exit(main())
