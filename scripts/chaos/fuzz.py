"""Fuzz readers, importers, vectors, settings, tag schemes, scores, weights and the input of `tag`.

    .venv/bin/python scripts/chaos/fuzz.py all [--minutes 10] [--cases N] [--seed 1] [--engine atheris|plain]
                                               [--json FILE] [--faults FOLDER]
    .venv/bin/python scripts/chaos/fuzz.py TARGET --repeat FILE

A case returns, or raises UserError with one printable line. Anything else is a fault: another exception, a warning of
numpy, more than 5 s of CPU, more than 1 GB of memory, a process that dies. Each target runs in a process of its own;
the minutes are shared out. A target stops at --cases too, if given. A fault is counted once for each place in seqlab
that raises it; its first case is kept in FOLDER, for --repeat. The exit code is 1 after a fault.

Engine `atheris` (pip install atheris, on Linux) is guided by the coverage of seqlab's code, and mutates valid cases by
the rules of each target. Engine `plain` mutates valid cases by the same rules, blindly: --cases N --seed S always gives
the same cases. By default, atheris if it is installed.
"""

import argparse
import gc
import importlib.util
import json
import mmap
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "seqlab"
sys.path.insert(0, str(HERE))
if TYPE_CHECKING:
    from fuzz_targets import Target

SECONDS = 5  # of CPU, for one case
MEMORY = 1 << 30  # bytes above what the process has when fuzzing begins
LONGEST_MESSAGE = 1500  # characters, with the path, the fact, and a piece of a line spelled out
LARGEST_CASE = 1 << 20
WRITE_EVERY = 2  # seconds between two counts that are written down


class TooSlowError(BaseException):
    """A case takes too long. Not an Exception, so that no reader takes it for a fault of its input."""


class Watch:
    """Runs the cases of a target, and counts outcomes and faults.

    faults: by signature, the number of cases, the first case and its traceback.
    """

    def __init__(self, target: "Target", place: Path) -> None:
        from seqlab.errors import SettingsError, UserError

        self.target, self.refusal, self.of_option = target, UserError, SettingsError
        self.returned = self.refused = 0
        self.faults: dict[str, dict[str, Any]] = {}
        self.place, self.start, self.written = place, time.monotonic(), 0.0
        self.current = _shared_bytes(place.with_suffix(".case"))
        signal.signal(signal.SIGVTALRM, _too_slow)

    def run(self, data: bytes) -> None:
        """Run one case."""
        self.current[:8] = len(data).to_bytes(8, "little")
        self.current[8 : 8 + len(data)] = data
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            try:
                self.target.run(data)
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self.returned += 1
        except self.refusal as error:
            self.refused += 1
            is_of_file = not isinstance(error, self.of_option)
            fault = fault_of_message(str(error), self.target.prefix if is_of_file else "")
            if fault:
                self.add(f"{fault} from {_raised_in(error)}", data, repr(str(error)))
        except (Exception, TooSlowError) as error:
            self.add(f"{type(error).__name__} in {_raised_in(error)}", data, traceback.format_exc())

    def add(self, signature: str, data: bytes, text: str) -> None:
        """Count a fault."""
        fault = self.faults.setdefault(
            signature, {"cases": 0, "case": data.hex(), "text": text[-6000:]}
        )
        fault["cases"] += 1
        if fault["cases"] == 1:
            print(f"{self.target.name}: {signature}", flush=True)

    @property
    def cases(self) -> int:
        """The number of cases so far."""
        return (
            self.returned
            + self.refused
            + sum(
                fault["cases"]
                for name, fault in self.faults.items()
                if not name.startswith("message")
            )
        )

    def write(self) -> None:
        """Write the counts down. A process that dies has written them a moment ago."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        seconds = time.monotonic() - self.start
        value = {"cases": self.cases, "returned": self.returned, "refused": self.refused}
        value |= {"seconds": round(seconds, 1), "peak_bytes": peak, "faults": self.faults}
        self.place.write_text(json.dumps(value), encoding="utf-8")
        self.written = seconds


def fault_of_message(message: str, prefix: str) -> str:
    """Return what is wrong with the message of a UserError; empty if nothing is.

    prefix: how it must begin.
    """
    if not message.isprintable():
        return "message that is not one printable line"
    if len(message) > LONGEST_MESSAGE:
        return "message that is too long"
    return "" if message.startswith(prefix) else "message without its file"


def _raised_in(error: BaseException) -> str:
    """Return the innermost line of seqlab in a traceback, else the innermost line."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if frame.name != _too_slow.__name__]
    # The whole path: a clone's own folder is usually called seqlab too.
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    frame = (own or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.name}"


def _too_slow(*_: object) -> None:
    raise TooSlowError(f"a case took more than {SECONDS} s of CPU")


def _shared_bytes(path: Path) -> mmap.mmap:
    """Return memory that outlives the process: the case that is running."""
    with path.open("w+b") as file:
        file.truncate(LARGEST_CASE + 8)
        return mmap.mmap(file.fileno(), LARGEST_CASE + 8)


def limit_memory() -> None:
    """Make allocations beyond the limit raise MemoryError."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * mmap.PAGESIZE + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def mutated(target: "Target", data: bytes, generator: random.Random) -> bytes:
    """Return a case with one to three mutations of the target."""
    for _ in range(generator.choice((1, 1, 2, 3))):
        data = target.mutate(data, generator)
    return data[:LARGEST_CASE]


def run_plain(target: "Target", watch: Watch, done: Callable[[], bool], seed: int) -> None:
    """Run mutants of the seeds until `done`; each case follows from its number alone."""
    for data in target.seeds:
        watch.run(data)
    number = seed
    while not done():
        generator = random.Random(f"{target.name} {number}")  # noqa: S311, no secret
        watch.run(mutated(target, generator.choice(target.seeds), generator))
        number += 1


def run_atheris(
    target: "Target", watch: Watch, done: Callable[[], bool], seed: int, folder: Path
) -> None:
    """Run cases that atheris chooses until `done`, which ends the process."""
    import atheris

    folder.mkdir()
    for number, data in enumerate(target.seeds):
        (folder / f"seed-{number:02}").write_bytes(data)

    def one(data: bytes) -> None:
        watch.run(data)
        if done():
            watch.write()
            os._exit(0)  # libFuzzer has no way to end well

    def mutate(data: bytes, largest: int, seed: int) -> bytes:
        generator = random.Random(seed)  # noqa: S311, no secret
        if generator.random() < 0.15:  # libFuzzer knows what values were compared
            return bytes(atheris.Mutate(data, largest))
        if (
            generator.random() < 0.4
        ):  # else most cases end far from valid ones, refused by the first check
            data = generator.choice(target.seeds)
        return mutated(target, data, generator)[:largest]

    limits = ["-rss_limit_mb=0", "-malloc_limit_mb=0", "-timeout=1000", f"-max_len={1 << 17}"]
    options = [sys.argv[0], f"-seed={seed}", "-verbosity=0", "-len_control=0", *limits, str(folder)]
    atheris.Setup(options, one, custom_mutator=mutate, internal_libfuzzer=True)
    atheris.Fuzz()


def make_target(name: str, folder: Path, *, guided: bool) -> "Target":
    """Return a target. guided: seqlab is imported so that atheris sees its branches."""
    if guided:
        import atheris

        with atheris.instrument_imports(include=["seqlab"], enable_loader_override=False):
            from fuzz_targets import make_targets
    else:
        from fuzz_targets import make_targets
    return make_targets(folder, [name])[name]


def run_target(options: argparse.Namespace) -> None:
    """Fuzz one target in this process, and leave the counts at `--place`."""
    folder = Path(options.folder)
    target = make_target(options.target, folder, guided=options.engine == "atheris")
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", RuntimeWarning)  # numpy's, which the user would see
    watch = Watch(target, Path(options.place))
    end = time.monotonic() + 60 * options.minutes
    gc.freeze()
    limit_memory()

    def done() -> bool:
        now = time.monotonic()
        if now - watch.start > watch.written + WRITE_EVERY:
            watch.write()
        return now > end or (options.cases is not None and watch.cases >= options.cases)

    if options.engine == "atheris":
        run_atheris(target, watch, done, options.seed, folder / "cases")
    else:
        run_plain(target, watch, done, options.seed)
    watch.write()


def in_own_process(name: str, options: argparse.Namespace, minutes: float) -> dict[str, Any]:
    """Fuzz a target in a process of its own, and return its counts."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=options.tmp) as folder:
        place = Path(folder) / "counts.json"
        command = [
            sys.executable,
            __file__,
            name,
            "--minutes",
            str(minutes),
            "--seed",
            str(options.seed),
        ]
        command += ["--engine", options.engine, "--place", str(place), "--folder", folder]
        command += [] if options.cases is None else ["--cases", str(options.cases)]
        environment = os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
        environment |= {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, env=environment, check=False, stderr=subprocess.PIPE)
        empty = {
            "cases": 0,
            "returned": 0,
            "refused": 0,
            "seconds": 0.0,
            "peak_bytes": 0,
            "faults": {},
        }
        counts = json.loads(place.read_text(encoding="utf-8")) if place.exists() else empty
        if done.returncode:
            case = place.with_suffix(".case")
            raw = case.read_bytes() if case.exists() else bytes(8)
            last = raw[8 : 8 + int.from_bytes(raw[:8], "little")]
            text = done.stderr.decode("utf-8", "replace")[-6000:]
            fault = {"cases": 1, "case": last.hex(), "text": text}
            counts["faults"][f"the process ended with {done.returncode}"] = fault
        return {"target": name, "engine": options.engine, "seed": options.seed, **counts}


def keep(counts: dict[str, Any], folder: Path) -> None:
    """Write the first case of each fault and its traceback to files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (signature, fault) in enumerate(counts["faults"].items(), start=1):
        path = folder / f"{counts['target']}-{number}.case"
        path.write_bytes(bytes.fromhex(fault["case"]))
        text = f"{signature}\n{fault['cases']} cases\n{fault['text']}\n"
        path.with_suffix(".txt").write_text(text, encoding="utf-8", errors="backslashreplace")


def repeat(name: str, path: Path) -> int:
    """Run one case, and let its exception through."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        target = make_target(name, Path(folder), guided=False)
        watch = Watch(target, Path(folder) / "counts.json")
        watch.run(path.read_bytes())
    for signature, fault in watch.faults.items():
        print(signature, fault["text"], sep="\n")
    if not watch.faults:
        print("returned" if watch.returned else "refused")
    return int(bool(watch.faults))


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    has_atheris = importlib.util.find_spec("atheris") is not None
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", help="a target, several between commas, or all")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all targets together")
    parser.add_argument("--cases", type=int, help="most cases of one target")
    parser.add_argument("--seed", type=int, default=1)
    engine = "atheris" if has_atheris else "plain"
    parser.add_argument("--engine", choices=("atheris", "plain"), default=engine)
    parser.add_argument("--json", type=Path, help="where to write the counts")
    parser.add_argument("--faults", type=Path, help="where to keep the case of each fault")
    parser.add_argument("--repeat", type=Path, help="one case to run again")
    parser.add_argument("--tmp", help="folder for temporary files; a disk in memory is fastest")
    parser.add_argument("--place", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if options.place:
        run_target(options)
        return 0
    if options.repeat:
        return repeat(options.target, options.repeat)
    from fuzz_targets import target_names

    names = target_names() if options.target == "all" else options.target.split(",")
    results = []
    for name in names:
        counts = in_own_process(name, options, options.minutes / len(names))
        results.append(counts)
        if options.faults and counts["faults"]:
            keep(counts, options.faults)
        print(
            f"{name}: {counts['cases']:,} cases in {counts['seconds']:.0f} s, {counts['returned']:,} returned, "
            f"{counts['refused']:,} one line of error, {len(counts['faults'])} faults",
            flush=True,
        )
    total, faults = (
        sum(map(count, results)) for count in (lambda r: r["cases"], lambda r: len(r["faults"]))
    )
    print(f"{total:,} cases, {faults} faults")
    if options.json:
        for counts in results:
            counts["faults"] = {name: fault["cases"] for name, fault in counts["faults"].items()}
        text = json.dumps({"cases": total, "faults": faults, "targets": results}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
