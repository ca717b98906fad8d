"""Take the disk away from trainings at their start, a checkpoint, and the final save: full, read-only, renamed, deleted.

    .venv/bin/python scripts/chaos/break_disks.py [--json FILE] [--only CASE]

Each case is a small training in a process of its own, which breaks its disk itself when a function is called. A full disk is
a file system of 1 MB where this process may mount one (root on Linux); elsewhere new files fail with that error. On a
read-only disk every call that changes files fails.

Checked: no traceback; the training goes on and ends with exit code 0, or ends with exit code 2 and one line; the last good
state is there and goes on to the same end, bit for bit but for times, once the disk is whole again; a finished training
whose place cannot be written is saved in a second place, which the line names. Prints a line per case, and exits with 1
after a mistake.
"""

import argparse
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.errors import UserError
from seqlab.storing.run_directory import read_manifest
from seqlab.storing.save_and_load import load_run

sys.path.insert(0, str(Path(__file__).resolve().parent))
from trainings import (
    act_at,
    differences,
    files_in,
    import_training,
    options_of,
    start,
    write_inputs,
)

# By moment: module, function, and the call of it before which the disk breaks.
MOMENTS = {
    "start": ("seqlab.experiment.fit", "make_network", 1),
    "checkpoint": ("seqlab.training.step", "Steps.train", 8),
    "save": ("seqlab.experiment.fit", "decide", 1),
}
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
SECOND_PLACE = re.compile(r"the finished run was saved in (\S+): move it to where it belongs")


def system(*words: str) -> None:
    """Run a command of the system."""
    subprocess.run(words, check=True)


@dataclass(frozen=True)
class Case:
    """What breaks, and when. codes: allowed exit codes. finished: whether a finished run must be somewhere."""

    name: str
    moment: str
    codes: tuple[int, ...]
    finished: bool


def full(run: Path) -> None:
    """Fill the file system; where none could be mounted, let every new file fail as on a full one."""
    if not os.path.ismount(run.parent):
        refuse_changes(run.parent, errno.ENOSPC, ("open",))
        return
    with suppress(OSError), (run.parent / "filler").open("wb") as file:
        while True:
            file.write(b"0" * 4096)
            file.flush()


def read_only(run: Path) -> None:
    """Refuse everything that changes files there, as a file system does that has become read-only."""
    refuse_changes(run.parent, errno.EROFS, ("open", *CHANGES))


def refuse_changes(folder: Path, number: int, events: Sequence[str]) -> None:
    """Let calls that change files in a folder fail. number: of the error. events: audit events of these calls."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in events or not os.fsdecode(str(arguments[0])).startswith(str(folder)):
            return
        flags = arguments[2] if event == "open" else os.O_WRONLY
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(number, os.strerror(number), str(arguments[0]))

    sys.addaudithook(refuse)


def deleted(run: Path) -> None:
    """Delete the run directory."""
    trash = run.parent.parent / f"trash-{os.getpid()}"  # at once: a thread may be writing there
    run.rename(trash)
    shutil.rmtree(trash)


def renamed(run: Path) -> None:
    """Rename the run directory."""
    run.rename(run.parent / "moved")


def replaced(run: Path) -> None:
    """Put another finished run in its place."""
    run.rename(run.parent / "moved")
    shutil.copytree(run.parent.parent / "whole", run)


def no_memory(run: Path) -> None:
    """Raise MemoryError."""
    raise MemoryError


BREAKS: dict[str, Callable[[Path], None]] = {
    "full": full,
    "read-only": read_only,
    "deleted": deleted,
    "renamed": renamed,
    "replaced": replaced,
    "out of memory": no_memory,
}
CASES = [
    Case("full", "start", (2,), False),
    Case("full", "checkpoint", (2,), True),
    Case("full", "save", (2,), True),
    Case("read-only", "start", (2,), False),
    Case("read-only", "checkpoint", (2,), True),
    Case("read-only", "save", (2,), True),
    Case("deleted", "start", (0,), True),
    Case("deleted", "checkpoint", (0,), True),
    Case("deleted", "save", (0,), True),
    Case("renamed", "checkpoint", (0,), True),
    Case("renamed", "save", (0,), True),
    Case("replaced", "checkpoint", (2,), True),
    Case("replaced", "save", (2,), True),
    Case("out of memory", "checkpoint", (2,), False),
    Case("out of memory", "save", (2,), False),
]


def break_at(case: Case, run: Path) -> None:
    """In a training process: have the disk break when a function is called."""
    act_at(MOMENTS[case.moment], lambda: BREAKS[case.name](run))


def mend(place: Path) -> None:
    """Make the disk whole again."""
    (place / "filler").unlink(missing_ok=True)


def mounted(place: Path) -> bool:
    """Mount a small file system, if this process may."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
        return False


def check(case: Case, folder: Path) -> tuple[list[str], str]:
    """Run a case. Returns its mistakes, and what the process said last."""
    place = Path(tempfile.mkdtemp(prefix=f"{case.name}-".replace(" ", "-"), dir=folder))
    (second := folder / "second").mkdir(exist_ok=True)
    is_mounted = case.name == "full" and mounted(place)
    mistakes, run = [], place / "run"
    argv = [*options_of("softmax", folder), "--out", str(run), "--checkpoint-minutes", "0"]

    def first() -> None:
        tempfile.tempdir = str(second)
        os.chdir(second)
        break_at(case, run)

    try:
        process = start(argv, folder / "output", first=first)
        code, text = process.wait(), process.text()
        mend(place)
        errors = [line for line in text.splitlines() if line.startswith("error: ")]
        if code not in case.codes or "Traceback" in text or len(errors) != (code != 0):
            mistakes.append(f"exit code {code}, expected {case.codes}: {text[-1500:]}")
        elsewhere = SECOND_PLACE.search(text)
        if case.finished:
            found = run if code == 0 else elsewhere and Path(elsewhere[1])
            if not found:
                mistakes.append(f"no finished run: {text[-800:]}")
            else:
                mistakes += differences_of_files(folder / "whole", found)
        state = run if (read_manifest(run) or {}).get("status") == "training" else place / "moved"
        if state.exists() and case.moment != "start":
            try:
                load_run(state)
            except UserError as error:
                mistakes.append(f"the last state cannot be loaded: {error}")
            again = start(["--resume", str(state)], folder / "output")
            if again.wait() != 0:
                mistakes.append(f"the last state does not go on: {again.text()[-800:]}")
            else:
                mistakes += differences(folder / "whole", state)
        elif case.moment != "start" and case.name != "deleted":
            mistakes.append("no last state")
        # From a read-only disk nothing can be deleted. The next training there takes these files for what they are.
        left = files_in(place).keys() - (
            {"run/run.lock", "run/log.txt"} if case.name == "read-only" else set()
        )
        if case.moment == "start" and left and not case.finished:
            mistakes.append(f"left {sorted(left)}")
        return mistakes, (errors or text.splitlines())[-1]
    finally:
        if is_mounted:
            system("umount", "-l", str(place))


def differences_of_files(whole: Path, run: Path) -> list[str]:
    """The differences of a run in the files that it has: one in a second place has no log and no checkpoints."""
    names = (
        "weights.npz",
        "tagger.json",
        "vocabularies.json",
        "metrics.json",
        "history.jsonl",
        "report.html",
    )
    missing = [f"{name} is missing in {run}" for name in names[:5] if not (run / name).is_file()]
    same = [text for text in differences(whole, run) if not text.endswith("is missing")]
    return missing + [text for text in same if not text.startswith("history.jsonl") or not missing]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=BREAKS, action="append")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    begin = time.time()
    import_training()
    cases = []
    with tempfile.TemporaryDirectory(prefix="break-disks-") as name:
        folder = Path(name)
        write_inputs(folder)
        whole = start(
            [*options_of("softmax", folder), "--out", str(folder / "whole")], folder / "output"
        )
        if whole.wait() != 0:
            raise SystemExit(f"the undisturbed training fails: {whole.text()}")
        for case in CASES:
            if options.only and case.name not in options.only:
                continue
            mistakes, said = check(case, folder)
            said = said.replace(str(folder), "…")
            print(f"{case.name} at {case.moment}: {said}", flush=True)
            for mistake in mistakes:
                print(f"  MISTAKE {mistake}", flush=True)
            cases.append(
                {"case": case.name, "moment": case.moment, "said": said, "mistakes": mistakes}
            )
    wrong = sum(bool(case["mistakes"]) for case in cases)
    facts = {"cases": cases, "wrong": wrong, "seconds": round(time.time() - begin)}
    print(f"{len(cases)} cases, {wrong} wrong")
    if options.json:
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
