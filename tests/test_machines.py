"""The promises that numpy's BLAS could break hold under OpenBLAS kernels that this machine would not choose.

`scripts/test --machines` runs the whole suite under more settings.
"""

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
