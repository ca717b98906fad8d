"""Run the default tests under the settings of other machines: `scripts/test --machines [OPTIONS OF pytest]`.

Each leg combines a BLAS kernel, TensorFlow's oneDNN, cores, hash seed, locale, time zone, home and path. Every value
occurs in at least one leg. A leg takes as long as `scripts/test`.
"""

import locale
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UTF8 = ("en_US.UTF-8", "de_DE.UTF-8", "C.UTF-8")  # the first installed one is used
NOT_COPIED = (".venv", ".git", "__pycache__", ".*_cache", ".hypothesis", "runs")


@dataclass(frozen=True, kw_only=True)
class Leg:
    """The settings of one run of the tests.

    kernel: name of an OpenBLAS kernel. utf8: UTF-8 locale if True, else C. home: whether the home folder is
    writable. odd_path: whether the checkout's path has spaces and letters beyond ASCII.
    """

    kernel: str
    one_dnn: int
    cores: int
    hash_seed: str
    utf8: bool
    time_zone: str
    home: bool
    odd_path: bool

    def __str__(self) -> str:
        """All settings on one line."""
        return (
            f"{self.kernel}, oneDNN {self.one_dnn}, cores {self.cores}, hash seed {self.hash_seed}, "
            f"locale {'UTF-8' if self.utf8 else 'C'}, TZ {self.time_zone}, "
            f"HOME {'unchanged' if self.home else 'unwritable'}, "
            f"path {'with spaces and umlauts' if self.odd_path else 'unchanged'}"
        )


NEPAL = "<+0545>-5:45"
LEGS = (
    Leg(
        kernel="Haswell", one_dnn=0, cores=2, hash_seed="0", utf8=False,
        time_zone=NEPAL, home=False, odd_path=True,
    ),
    Leg(
        kernel="Nehalem", one_dnn=1, cores=1, hash_seed="random", utf8=True,
        time_zone="UTC", home=True, odd_path=True,
    ),
    Leg(
        kernel="Zen", one_dnn=0, cores=1, hash_seed="random", utf8=False,
        time_zone=NEPAL, home=True, odd_path=False,
    ),
    Leg(
        kernel="SandyBridge", one_dnn=1, cores=2, hash_seed="0", utf8=True,
        time_zone=NEPAL, home=False, odd_path=False,
    ),
    Leg(
        kernel="SkylakeX", one_dnn=1, cores=2, hash_seed="random", utf8=False,
        time_zone="UTC", home=False, odd_path=True,
    ),
)  # fmt: skip


def usable_kernel(name: str) -> bool:
    """Whether the processor has the instructions of an OpenBLAS kernel."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return False
    needed = {"Haswell": "avx2", "Zen": "avx2", "SandyBridge": "avx", "SkylakeX": "avx512f"}
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return name != "SkylakeX"
    return needed.get(name, "lm") in flags


def utf8_locale() -> str | None:
    """The first locale of UTF8 that the machine has."""
    before = locale.setlocale(locale.LC_ALL)
    for name in UTF8:
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_ALL, before)
        return name
    return None


def environment_of(leg: Leg, checkout: Path, home: Path) -> dict[str, str]:
    """The environment variables of a leg. home: a folder that cannot be created."""
    changed = {
        "TF_ENABLE_ONEDNN_OPTS": str(leg.one_dnn),
        "PYTHONHASHSEED": leg.hash_seed,
        "LC_ALL": (utf8_locale() if leg.utf8 else None) or "C",
        "TZ": leg.time_zone,
        "PYTHONPATH": str(checkout),
    }
    if usable_kernel(leg.kernel):
        changed["OPENBLAS_CORETYPE"] = leg.kernel
    if not leg.home:
        changed["HOME"] = str(home)
    return {"SEQLAB_SHARED_DATA": str(ROOT.parent / "shared" / "data"), **os.environ, **changed}


def skipped(legs: Sequence[Leg]) -> Iterator[str]:
    """One line for each setting that this machine cannot test."""
    for leg in legs:
        if not usable_kernel(leg.kernel):
            yield f"skipped: {leg.kernel}: the processor lacks its instructions"
    installed = utf8_locale()
    if installed not in UTF8[:2]:
        yield f"skipped: {UTF8[0]} and {UTF8[1]} are not installed; {installed} is used"
    if not shutil.which("taskset"):
        yield "skipped: one core: taskset is not installed"


def run(leg: Leg, folder: Path, arguments: Sequence[str]) -> tuple[bool, str]:
    """Run the tests under a leg; their output goes to pytest.log. Returns whether they pass, and its last line."""
    checkout, made = ROOT, folder / "made"
    if leg.odd_path:
        checkout, made = folder / "two words" / "söqlab ö", folder / "two words" / "mäde"
        shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    file = folder / "no folder"
    file.touch()
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    command += ["--ignore=tests/test_machines.py", f"--basetemp={made}", *arguments]
    if leg.cores == 1 and shutil.which("taskset"):
        command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]
    log = folder / "pytest.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=checkout,
            env=environment_of(leg, checkout, file / "home"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return done.returncode == 0, next((line for line in reversed(lines) if line.strip()), "")


def main(arguments: Sequence[str]) -> int:
    """Run all legs, one after the other."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="seqlab-machines-"))
    for line in skipped(LEGS):
        print(line, flush=True)
    failed = 0
    for number, leg in enumerate(LEGS, 1):
        leg_folder = folder / str(number)
        leg_folder.mkdir()
        passed, last = run(leg, leg_folder, arguments)
        failed += not passed
        print(f"{'passed' if passed else 'FAILED'}: {leg}: {last}", flush=True)
        if not passed:
            print(f"    see {leg_folder / 'pytest.log'}", flush=True)
    if not failed:
        shutil.rmtree(folder)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
