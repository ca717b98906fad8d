"""Write docs/reliability.md from the figures that the other harnesses in this folder print.

    .venv/bin/python scripts/chaos/reliability.py FOLDER

FOLDER holds the files that `--json` wrote: kills.json (kill_training.py), stops.json (stop_training.py), disks.json
(break_disks.py), runs.json (damage_runs.py), fuzz.json (fuzz.py), mutants.json (mutate_code.py), everywhere.json
(use_tagger_everywhere.py), pythons.json (load_in_every_python.py), output.json (break_standard_output.py) and server.json
(break_server.py).
A section whose file is missing is left out, and named on standard error.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seqlab.reporting.table import markdown_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
HEAD = """\
# Reliability

What happens to a training that is killed, to a disk that is full, and to files that are damaged. Each section names the
script in `scripts/chaos/` that measured it; `scripts/chaos/reliability.py` wrote this page from their figures.
"""


def kills(facts: Mapping[str, Any]) -> str:
    """Trainings that are killed."""
    rows = [[name, f"{count}"] for name, count in facts["kills_by_configuration"].items()]
    return f"""\
## Trainings that are killed

`kill_training.py --kills {facts["kills"]} --seed {facts["seed"]}`: {facts["trainings"]} trainings got {facts["kills"]}
SIGKILLs at random moments, and were resumed until they had finished.
{facts["kills_while_a_checkpoint_was_written"]} kills came while a checkpoint was written,
{facts["kills_before_the_first_checkpoint"]} before the first checkpoint. After each kill the last checkpoint was intact.
Every finished run was equal, byte for byte, to that of a training which nothing disturbed.
Violations: {len(facts["mistakes"])}.

{markdown_table(["configuration", "kills"], rows)}
"""


def stops(facts: Mapping[str, Any]) -> str:
    """Trainings that get a signal."""
    return f"""\
## Signals

`stop_training.py --seed {facts["seed"]}`: {facts["stops"]} trainings got Ctrl-C, SIGTERM or SIGHUP, once or twice, at named
and at random moments: while the corpus is read, while the first step is built, in an epoch, in validation, after the last
epoch, and while the run is saved. Expected: exit code 130, one line, and a training that can be resumed.
Violations: {len(facts["mistakes"])}.
"""


def disks(facts: Mapping[str, Any]) -> str:
    """Disks that cannot be written."""
    rows = [
        [f"{case['case']}, {case['moment']}", case["said"] or "the training goes on"]
        for case in facts["cases"]
    ]
    return f"""\
## Disks

`break_disks.py`: the training goes on or stops with one line, and the last good state stays. Violations: {facts["wrong"]}.

{markdown_table(["disk and moment", "what the training said"], rows)}
"""


def runs(facts: Mapping[str, Any]) -> str:
    """Damaged runs."""
    rows = [
        [
            f"`{row['file']}`",
            *(f"{row[name]:,}" for name in ("mutants", "refused", "same", "other", "fault")),
            f"{row['most_megabytes']:.0f}",
        ]
        for row in facts["files"]
    ]
    header = ["file", "mutants", "refused", "same answer", "other answer", "faults", "most MB"]
    return f"""\
## Damaged and forged runs

`damage_runs.py --seed {facts["seed"]}`: each file of small runs is cut, changed, swapped, replaced by a link or a FIFO, or
forged together with the manifest. "Refused": one line of error. "Other answer": only a forged manifest can do that, and it
is checked. "Faults": a traceback, an answer that differs without a forged manifest, code that runs, or too much memory.

{markdown_table(header, rows)}
"""


def fuzz(facts: Mapping[str, Any]) -> str:
    """Fuzzed readers."""
    rows = [
        [f"`{t['target']}`", f"{t['cases']:,}", f"{t['returned']:,}", f"{t['refused']:,}",
         f"{len(t['faults'])}"]
        for t in facts["targets"]
    ]  # fmt: skip
    header = ["target", "cases", "returned", "one line of error", "faults"]
    return f"""\
## Files and values of any content

`fuzz.py all`: {facts["cases"]:,} cases, guided by coverage where atheris is installed. A reader returns, or raises one
line of error. A traceback, a hang and too much memory are faults: {facts["faults"]}.

{markdown_table(header, rows)}
"""


def mutants(facts: Mapping[str, Any]) -> str:
    """Mutation testing."""
    rows = []
    for name, row in facts.items():
        dead = row["mutants"] - row["survived"]
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in row["verdicts"].items())
        rows.append(
            [f"`{name}`", f"{row['mutants']:,}", f"{dead / row['mutants']:.1%}", verdicts or "none"]
        )
    header = ["package", "mutants", "killed", "survivors"]
    return f"""\
## Tests that notice changes

`mutate_code.py`: small changes of the code, each of which a test should notice. The verdict on each survivor stands in
`scripts/chaos/surviving_mutants.toml`. `corpus` stands for schemes and splits.

{markdown_table(header, rows)}
"""


def everywhere(facts: Mapping[str, Any]) -> str:
    """Threads and processes."""
    rows = [
        [name, ", ".join(f"{what} {value:,}" for what, value in check.items())]
        for name, check in facts["checks"].items()
    ]
    words = facts["command"].partition("--json")[0].split()
    options = " ".join(words[2:] if words[:1] == ["--run"] else words)
    return f"""\
## Threads and processes

`use_tagger_everywhere.py {options}`: one tagger is used in threads, after `fork`, under `spawn`, and pickled. "wrong"
counts the answers that differ from those of the same tagger alone.

{markdown_table(["use", "figures"], rows)}
"""


def pythons(facts: Mapping[str, Any]) -> str:
    """Versions of Python."""
    rows = [
        [load["trained"], load["loaded"], load["locale"], f"{load['tokens']:,}",
         f"{load['tags that differ']}", f"{load['largest difference of a score']:.1e}"]
        for load in facts["loads"]
    ]  # fmt: skip
    header = ["trained in", "loaded in", "locale", "tokens", "tags that differ", "largest score difference"]  # fmt: skip
    return f"""\
## Versions of Python

`load_in_every_python.py`: a run that is trained under one version is moved, and tags under another one without TensorFlow.

{markdown_table(header, rows)}
"""


def output(facts: Mapping[str, Any]) -> str:
    """Standard output that breaks."""
    rows = [[name, f"{count}"] for name, count in facts["trials"].items()]
    return f"""\
## Standard output

`break_standard_output.py`: every command writes to a full disk, to a pipe that does not block, and to a reader that ends. It
writes everything, or says in one line how much. Violations: {len(facts["failed"])}.

{markdown_table(["standard output", "trials"], rows)}
"""


def server(facts: Mapping[str, Any]) -> str:
    """A server under attack."""
    rows = [
        [
            name.replace("_", " "),
            ", ".join(f"{what}: {count:,}" for what, count in sorted(tally.items())),
        ]
        for name, tally in facts["answers"].items()
    ]
    memory = [f"{kilobytes / 1024:.0f}" for kilobytes in facts["memory_kb"]]
    return f"""\
## A server under attack

`break_server.py RUN --rounds {facts["rounds"]} --seed {facts["seed"]}`: requests that a server must refuse, slow clients,
and clients that vanish. Every answer was JSON; every refusal had a sentence. After each attack the server tagged as before
it. Its memory after each round, in MB: {", ".join(memory)}.

{markdown_table(["attack", "answers by status"], rows)}
"""


SECTIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "kills": kills,
    "stops": stops,
    "disks": disks,
    "runs": runs,
    "fuzz": fuzz,
    "mutants": mutants,
    "everywhere": everywhere,
    "pythons": pythons,
    "output": output,
    "server": server,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    parts = [HEAD]
    for name, section in SECTIONS.items():
        path = options.folder / f"{name}.json"
        if path.exists():
            parts.append(section(json.loads(path.read_text(encoding="utf-8"))))
        else:
            print(f"{path}: missing; the page has no such section", file=sys.stderr)
    PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
