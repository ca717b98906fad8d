"""Mutation testing: change the code in one place at a time, and see whether a test of its package fails.

    PYTHONPATH=$PWD python scripts/chaos/mutate_code.py [PACKAGE ...] [--workers 1] [--store FOLDER] [--json FILE] [--again]

Needs mutmut beside the tools of `scripts/setup dev`; an environment of its own keeps its libraries apart:

    python -m venv mutants && mutants/bin/pip install mutmut -e ".[dev]"

The packages are `weighting`, `scoring`, `deciding`, and `corpus` (schemes and splits). A mutant dies by the tests of
its package that run its lines. pytest collects them once. Then a forked process per mutant swaps the code of one
function and runs them, the quickest first, until one fails. A mutant outside a function's body gets a process that
imports the package anew. hypothesis draws the same examples for every mutant.

Results go to the store, by default `build/mutants`. A run that was stopped goes on. After a change, survivors whose
tests changed run again, and all mutants of functions that changed; `--again` repeats everything. The rules of
`surviving_mutants.toml` give each survivor a verdict: equivalent, message only, or real gap. Mutants that a rule calls
equivalent count as survivors and run only with `--again`. `--json` writes per package
the number of mutants, the killed, those that timed out (which count as killed), and the survivors with their verdicts.
"""

import argparse
import contextlib
import functools
import gc
import hashlib
import importlib
import importlib.abc
import importlib.util
import json
import math
import os
import random
import re
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
from code_mutants import CodeMutant, code_mutants  # noqa: E402

VERDICTS = Path(__file__).with_name("surviving_mutants.toml")
CORPUS = (
    "schemes", "splits", "document_split", "split_checks", "stratify", "retag", "tag_rewriting"
)  # fmt: skip
PACKAGES = {
    "weighting": ((ROOT / "seqlab/weighting").glob("*.py"), [ROOT / "tests/weighting"]),
    "scoring": ((ROOT / "seqlab/scoring").glob("*.py"), [ROOT / "tests/scoring"]),
    "deciding": ((ROOT / "seqlab/deciding").glob("*.py"), [ROOT / "tests/deciding"]),
    "corpus": (
        [ROOT / f"seqlab/corpus/{name}.py" for name in CORPUS],
        [path for name in CORPUS if (path := ROOT / f"tests/corpus/test_{name}.py").exists()],
    ),
}
HEAVY = (
    *("numpy", "scipy.optimize", "sklearn.metrics", "seqeval.metrics.sequence_labeling"),
    *("iterstrat.ml_stratifiers", "regex", "tomli_w", "hypothesis.extra.numpy"),
)  # imported once, before all forks
OPTIONS = (
    *("-q", "-s", "-p", "no:cacheprovider", "-m", "not slow"),
    *(
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ),  # hypothesis is imported before pytest runs
)
EXAMPLES = (
    40  # of a property that sets no number; fewer than in the tests, so no mutant is killed by luck
)
MEMORY = 3 << 30  # bytes
SURVIVED, KILLED, TIMED_OUT, NOT_RUN = "survived", "killed", "timed out", "not run"
FAILED, NOT_SWAPPED = 17, 18  # exit codes of a child: a test failed; the code could not be swapped


class Tests:
    """The tests of a package, which lines each runs, and how long it takes."""

    def __init__(self, files: Sequence[Path], paths: Sequence[Path]) -> None:
        self.files = files
        self.arguments = [str(path) for path in (*paths, *files)]
        texts = sorted(
            p for path in paths for p in ([path] if path.is_file() else path.rglob("*.py"))
        )
        self.digest = _digest((*texts, ROOT / "tests/strategies.py"))
        self.by_line: dict[str, dict[int, set[str]]] = {}
        self.seconds: dict[str, float] = {}

    def measure(self, cache: Path) -> None:
        """Run all tests once, in a child, with line coverage by test; a stored result of the same files is read."""
        name = hashlib.sha256(f"{self.digest} {_digest(self.files)}".encode()).hexdigest()[:16]
        path = cache / f"coverage-{name}.json"
        if not path.exists():
            code, _ = in_child(lambda: self._measure(path), seconds=1200)
            if code or not path.exists():
                sys.exit("the tests fail without any mutant")
        stored = json.loads(path.read_text())
        self.seconds = stored["seconds"]
        self.by_line = {
            file: {int(line): set(tests) for line, tests in lines.items()}
            for file, lines in stored["lines"].items()
        }

    def _measure(self, path: Path) -> int:
        watch = coverage.Coverage(
            data_file=None, include=[str(f) for f in self.files], config_file=False
        )
        plugin = _Measuring(watch)
        watch.start()
        failed = run_pytest(self.arguments, plugin)
        watch.stop()
        data = watch.get_data()
        lines = {}
        for file in self.files:
            contexts = data.contexts_by_lineno(str(file))
            lines[file.relative_to(ROOT).as_posix()] = {
                line: [name for name in names if name] for line, names in contexts.items()
            }
        if not failed:
            path.write_text(json.dumps({"seconds": plugin.seconds, "lines": lines}))
        return int(failed)

    def of(self, mutant: CodeMutant, kills: Counter[str]) -> list[str]:
        """The tests that run the mutant's lines, those first that killed others, then the quickest.

        For a mutant outside functions, which runs on import: all tests that run a line of the file.
        """
        by_line = self.by_line[mutant.path]
        names: set[str] = set()
        for line in mutant.lines if mutant.function else by_line:
            names |= by_line.get(line, set())
        if not mutant.in_body:
            stem = Path(mutant.path).stem
            names |= {n for n in self.seconds if f"test_{stem}.py" in n or f"/{stem}.py" in n}
        return sorted(names, key=lambda name: (-kills[name], self.seconds[name], name))


class _Measuring:
    """Plugin of pytest: times each test, and tells coverage which test runs."""

    def __init__(self, watch: coverage.Coverage) -> None:
        self.watch = watch
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.watch.switch_context(item.nodeid)
        start = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - start
        self.watch.switch_context("")


class _Swapping:
    """Plugin of pytest: once tests are collected, calls `work` with them by node id, and runs nothing itself."""

    def __init__(self, work: Callable[[dict[str, pytest.Item]], None]) -> None:
        self.work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.work({item.nodeid: item for item in session.items})
        return True


class _FirstFailure:
    """Plugin of pytest: ends the process at the first failure, and writes the name of the test to a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.file.write_text(report.nodeid)
            os._exit(FAILED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            os._exit(FAILED)


class _SameExamples:
    """Plugin of pytest: hypothesis draws the same examples each time, and does not shrink failures."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants",
            deadline=None,
            database=None,
            derandomize=True,
            max_examples=EXAMPLES,
            phases=phases,
        )
        settings.load_profile("mutants")


def run_pytest(arguments: Sequence[str], *plugins: object) -> int:
    """Run pytest in this process; returns its exit code."""
    return int(pytest.main([*OPTIONS, *arguments], plugins=[_SameExamples(), *plugins]))


def killer_of(folder: Path) -> Path:
    """The file for the name of the test that killed a mutant. folder: of the temporary files of its tests."""
    return folder.with_name(f"{folder.name}.killer")


def in_child(work: Callable[[], int], *, seconds: float) -> tuple[int, bool]:
    """Run `work` in a fork; returns its exit code, and whether it ran longer than its seconds of CPU."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_RDWR)
            if "SHOW_CHILD" not in os.environ:
                for descriptor in (0, 1, 2):
                    os.dup2(null, descriptor)
            limit = math.ceil(seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    handle = os.pidfd_open(child)
    try:
        ready, _, _ = select.select([handle], [], [], 200 * seconds + 60)  # on a busy machine
        if not ready:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(handle)
    signalled = os.WIFSIGNALED(status)
    late = not ready or (signalled and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL))
    return (os.waitstatus_to_exitcode(status), late)


def outcome(work: Callable[[], int], *, seconds: float) -> str:
    """Run the tests of a mutant in a child: killed, survived, timed out, or '' when its code could not be swapped."""
    code, late = in_child(work, seconds=seconds)
    if late:
        return TIMED_OUT
    return {0: SURVIVED, NOT_SWAPPED: ""}.get(code, KILLED)


# --- One function's code, swapped in a fork of a process that has collected the tests.


def swapped(mutant: CodeMutant, items: Sequence[pytest.Item], folder: Path) -> int:
    """Swap the code of a mutant's function, then run tests; returns 0 when all pass."""
    try:
        swap(mutant)
    except LookupError:
        return NOT_SWAPPED
    config = items[0].config
    config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
    config.pluginmanager.register(_FirstFailure(killer_of(folder)))
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
    return 0


def swap(mutant: CodeMutant) -> None:
    """Put the mutant's code into the function of the imported module. Raises LookupError when this can't be done."""
    module = sys.modules[module_name(mutant.path)]
    function = function_of(module, mutant.function)
    code = code_of(compile(mutant.code, str(ROOT / mutant.path), "exec"), mutant.function)
    if code is None or code.co_freevars != function.__code__.co_freevars:
        raise LookupError(mutant.function)
    function.__code__ = code


def function_of(module: ModuleType, name: str) -> FunctionType:
    """The plain function of a qualified name, without its decorators. Raises LookupError for anything else."""
    value: Any = module
    for part in name.split("."):
        value = vars(value).get(part)
        value = getattr(value, "fget", None) or getattr(value, "__func__", value)
        value = getattr(value, "__wrapped__", value)
    if not isinstance(value, FunctionType):
        raise LookupError(name)
    return value


def code_of(code: CodeType, name: str) -> CodeType | None:
    """The code of a function within a module's code; the last one of this name, after overloads."""
    found = None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            inner = constant if constant.co_qualname == name else code_of(constant, name)
            found = inner or found
    return found


def module_name(path: str) -> str:
    """The name under which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


# --- A mutant imported anew, in a fork of a process that has imported no module of seqlab.


class _MutantFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant instead of its file; as a plugin of pytest, it goes before the importer of pytest."""

    def __init__(self, mutant: CodeMutant) -> None:
        self.name, self.path, self.code = module_name(mutant.path), ROOT / mutant.path, mutant.code

    def pytest_collection(self) -> None:
        sys.meta_path.insert(0, self)  # type: ignore[arg-type]

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.code, str(self.path), "exec"), vars(module))  # noqa: S102


def imported(mutant: CodeMutant, names: Sequence[str], folder: Path) -> int:
    """Import the mutant, collect tests and run them; returns 0 when all pass."""
    return run_pytest(
        [*names, f"--basetemp={folder}"], _FirstFailure(killer_of(folder)), _MutantFinder(mutant)
    )


# --- The run over a package.


class Store:
    """Results by mutant, in a file of one JSON value per line."""

    def __init__(self, path: Path, *, empty: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if empty:
            path.unlink(missing_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        self.results = {row["key"]: row for row in map(json.loads, lines)}
        self.file = path.open("a")

    def put(self, mutant: CodeMutant, result: str, tests: str) -> None:
        """Keep a result. tests: the digest of the tests."""
        row = {"key": mutant.key, "result": result, "tests": tests}
        self.results[mutant.key] = row
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()

    def known(self, mutant: CodeMutant, tests: str) -> bool:
        """Whether the result holds: a mutant stays dead, and a survivor survives the same tests."""
        row = self.results.get(mutant.key)
        return row is not None and (row["result"] != SURVIVED or row["tests"] == tests)


class Run:
    """The mutants of one package."""

    def __init__(self, package: str, store: Path, *, again: bool, workers: int) -> None:
        files, paths = PACKAGES[package]
        self.package, self.folder, self.workers = package, store, workers
        self.tests = Tests(sorted(files), paths)
        self.store = Store(store / f"{package}.jsonl", empty=again)
        self.mutants = [m for file in self.tests.files for m in code_mutants(file, ROOT)]
        self.kills: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.equivalent = set() if again else {m.key for m in self.mutants if is_equivalent(m)}

    def pending(self) -> list[CodeMutant]:
        """The mutants without a result. Those that a rule calls equivalent count as survivors, and are not run."""
        new = [m for m in self.mutants if m.key not in self.equivalent]
        pending = [m for m in new if not self.store.known(m, self.tests.digest)]
        # In random order, so that a run that is stopped has seen a fair sample.
        random.Random(1).shuffle(pending)  # noqa: S311
        return pending

    def result(self, mutant: CodeMutant) -> str:
        """The stored result of a mutant, or that it was not run; one that a rule calls equivalent survives."""
        default = {"result": SURVIVED if mutant.key in self.equivalent else NOT_RUN}
        return str(self.store.results.get(mutant.key, default)["result"])

    def run(self) -> None:
        """Run what is pending: first by swapping code, then by importing anew."""
        self.tests.measure(self.folder)
        total = len(self.pending())
        if total:
            print(f"{self.package}: {total} of {len(self.mutants)} mutants to run", flush=True)
            in_child(self._swap_all, seconds=100_000)
        self.store = Store(Path(self.store.file.name), empty=False)
        self._share(
            self.pending(), lambda mutant, names: lambda folder: imported(mutant, names, folder)
        )
        self.store = Store(Path(self.store.file.name), empty=False)

    def _swap_all(self) -> int:
        def work(items: dict[str, pytest.Item]) -> None:
            kind = type(functools.lru_cache(lambda: None))
            for one in gc.get_objects():  # collecting the tests may have filled caches
                if isinstance(one, kind):
                    one.cache_clear()
            gc.collect()
            gc.freeze()  # so that forks share their memory

            def test(mutant: CodeMutant, names: list[str]) -> Callable[[Path], int]:
                return lambda folder: swapped(mutant, [items[name] for name in names], folder)

            self._share([mutant for mutant in self.pending() if mutant.in_body], test)

        return run_pytest(self.tests.arguments, _Swapping(work))

    def _share(
        self,
        mutants: Sequence[CodeMutant],
        test: Callable[[CodeMutant, list[str]], Callable[[Path], int]],
    ) -> None:
        """Run mutants in several forks. test: from a mutant and its tests, what runs them in a folder."""
        children = []
        for number in range(self.workers):
            child = os.fork()
            if child == 0:
                try:
                    for mutant in mutants[number :: self.workers]:
                        self._run_one(mutant, test)
                finally:
                    os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)

    def _run_one(
        self,
        mutant: CodeMutant,
        test: Callable[[CodeMutant, list[str]], Callable[[Path], int]],
    ) -> None:
        """Run a mutant and keep the result; one that no test runs survives."""
        names = self.tests.of(mutant, self.kills[mutant.function])
        seconds = 3 + 5 * sum(self.tests.seconds[name] for name in names)
        result = SURVIVED
        if names:
            folder = Path(tempfile.mkdtemp(prefix="mutant-"))
            run = test(mutant, names)
            result = outcome(lambda: run(folder), seconds=seconds)
            shutil.rmtree(folder, ignore_errors=True)
            if killer_of(folder).exists():
                self.kills[mutant.function][killer_of(folder).read_text()] += 1
                killer_of(folder).unlink()
        if result:
            self.store.put(mutant, result, self.tests.digest)

    def report(self) -> dict[str, Any]:
        """The figures of the package, with the verdict of each survivor."""
        results = Counter(map(self.result, self.mutants))
        survivors = []
        for mutant in self.mutants:
            if self.result(mutant) == SURVIVED:
                place = {"file": mutant.path, "function": mutant.function, "change": mutant.change}
                rule = rule_of(mutant)
                verdict = {
                    "verdict": rule.get("verdict", "not looked at"),
                    "why": rule.get("why", ""),
                }
                survivors.append(place | verdict)
        return {
            "mutants": len(self.mutants),
            "not_run": results[NOT_RUN],
            "killed": results[KILLED],
            "timed_out": results[TIMED_OUT],
            "survived": results[SURVIVED],
            "killed_share": round(
                1 - results[SURVIVED] / (len(self.mutants) - results[NOT_RUN]), 4
            ),
            "verdicts": dict(sorted(Counter(s["verdict"] for s in survivors).items())),
            "survivors": survivors,
        }


@functools.cache
def verdict_rules() -> list[dict[str, str]]:
    """The rules that give survivors their verdicts."""
    return list(tomllib.loads(VERDICTS.read_text())["rule"])


def rule_of(mutant: CodeMutant) -> dict[str, str]:
    """The first rule that fits a mutant; empty without one."""
    for rule in verdict_rules():
        in_place = rule.get("file", "") in mutant.path
        in_function = rule.get("function", "") in ("", mutant.function)
        if in_place and in_function and re.search(rule["change"], mutant.change):
            return rule
    return {}


def is_equivalent(mutant: CodeMutant) -> bool:
    """Whether a rule says that no test can tell the mutant from the code."""
    return rule_of(mutant).get("verdict") == "equivalent"


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def main() -> int:
    """Run the packages; prints a line per package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=", ".join(PACKAGES))
    parser.add_argument("--store", type=Path, default=ROOT / "build/mutants")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", action="store_true", help="run nothing; report what is stored")
    parser.add_argument("--workers", type=int, default=1, help="processes that run mutants at once")
    parser.add_argument("--again", action="store_true", help="forget stored results")
    options = parser.parse_args()
    fixed = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if any(os.environ.get(name) != value for name, value in fixed.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | fixed)  # noqa: S606
    os.chdir(ROOT)
    os.nice(10)
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    options.store.mkdir(parents=True, exist_ok=True)
    reports = {}
    for package in options.packages or PACKAGES:
        if package not in PACKAGES:
            parser.error(f"unknown package {package!r}; expected {', '.join(PACKAGES)}")
        start = time.monotonic()
        run = Run(package, options.store, again=options.again, workers=options.workers)
        if not options.report:
            run.run()
        report = reports[package] = run.report()
        print(
            f"{package}: {report['mutants']:,} mutants, {report['not_run']:,} not run, {report['killed_share']:.1%} killed "
            f"({report['timed_out']} by time), {report['survived']} survived: {report['verdicts']}, "
            f"in {time.monotonic() - start:.0f} s",
            flush=True,
        )
        if options.json:
            options.json.write_text(json.dumps(reports, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
