"""The promises that numpy's BLAS could break hold under OpenBLAS kernels that this machine would not choose.

`scripts/test --machines` runs the whole suite under more settings.
"""

import importlib.util
import os
import platform
import subprocess
import sys
from contextlib import ExitStack

import numpy  # noqa: F401 its BLAS is looked for among the loaded libraries
import pytest
from threadpoolctl import threadpool_info

from tests.conftest import ROOT

KERNELS = ("Haswell", "Nehalem")  # they sum in other orders than each other, and than AVX-512's


@pytest.mark.slow
def test_promises_hold_under_two_blas_kernels(tmp_path):
    libraries = {library["internal_api"] for library in threadpool_info()}
    if platform.machine() not in {"x86_64", "AMD64"} or "openblas" not in libraries:
        pytest.skip("needs numpy with OpenBLAS on x86-64")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "blas and not slow", "tests"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    with ExitStack() as stack:
        running = {}
        for kernel in KERNELS:
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, "-p", "no:cacheprovider", f"--basetemp={tmp_path / kernel}"],
                    cwd=ROOT,
                    env=environment | {"OPENBLAS_CORETYPE": kernel},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            stack.callback(process.kill)
            running[kernel] = process
        for kernel, process in running.items():
            output, _ = process.communicate()
            assert process.returncode == 0, f"OPENBLAS_CORETYPE={kernel}\n{output}"
            assert " passed" in output


def machines():
    """The script behind `scripts/test --machines`."""
    spec = importlib.util.spec_from_file_location("machines", ROOT / "scripts" / "machines.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["machines"] = module  # a dataclass looks for its module there
    spec.loader.exec_module(module)
    return module


def test_the_legs_have_every_value_of_every_setting():
    legs = [vars(leg) for leg in machines().LEGS]
    values = {name: {leg[name] for leg in legs} for name in legs[0]}
    kernels = values.pop("kernel")
    assert kernels == {"Nehalem", "SandyBridge", "Haswell", "Zen", "SkylakeX"}
    assert {name: len(found) for name, found in values.items()} == dict.fromkeys(values, 2)


@pytest.mark.parametrize("passes", [True, False])
def test_a_leg_is_one_line_and_a_failing_one_fails_the_command(
    passes, tmp_path, monkeypatch, capsys
):
    module = machines()
    monkeypatch.setattr(module, "LEGS", module.LEGS[:1])
    monkeypatch.setattr(module.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    arguments = ["tests/test_errors.py", *([] if passes else ["-k", "no such test"])]
    assert module.main(arguments) == (not passes)
    out = capsys.readouterr().out
    (line,) = (line for line in out.splitlines() if str(module.LEGS[0]) in line)
    assert line.startswith("passed: " if passes else "FAILED: ")
    assert (" passed in " in line) == passes
    log = tmp_path / "1" / "pytest.log"
    assert (str(log) in out) == log.exists() == (not passes)
