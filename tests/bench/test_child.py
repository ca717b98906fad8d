import sys

import numpy as np
import pytest
from bench.child import measure

EAT = "held = bytearray(200_000_000); held[::4096] = b'x' * len(held[::4096])"


def python(code):
    return [sys.executable, "-c", code]


def test_peak_memory_is_the_childs_and_not_the_parents():
    held = np.ones(25_000_000)  # 200 MB of this process
    small, large = measure(python("pass")).peak_bytes, measure(python(EAT)).peak_bytes
    assert held.nbytes == 200_000_000
    assert small < 60_000_000
    assert 190_000_000 < large - small < 260_000_000


MORE = f"""
import subprocess, sys
more = [subprocess.Popen([sys.executable, "-c", {EAT + "; input()"!r}], stdin=-1) for _ in range(2)]
import time; time.sleep(1)
for one in more: one.kill()
"""


def test_peak_memory_is_that_of_all_processes_of_the_child():
    small, large = measure(python("pass")).peak_bytes, measure(python(MORE)).peak_bytes
    assert 390_000_000 < large - small < 500_000_000


def test_seconds_of_cpu_are_those_worked_and_not_those_waited():
    waited = measure(python("import time; time.sleep(0.5)"))
    assert waited.seconds >= 0.5
    assert waited.cpu_seconds < 0.4


def test_the_first_output_is_timed_when_it_comes():
    found = measure(python("import time; print('x', flush=True); time.sleep(2)"))
    assert 0 < found.first_output_seconds < found.seconds
    assert measure(python("pass")).first_output_seconds is None


def test_input_is_fed_and_output_kept():
    command = python("import sys; print(len(sys.stdin.read()))")
    found = measure(command, stdin=(b"x" * 1000 for _ in range(300)), keep_output=True)
    assert found.output.strip() == b"300000"
    assert measure(command, stdin=[b"x"]).output == b""


def test_nobody_need_read_the_input():
    assert measure(python("pass"), stdin=(b"x" * 100_000 for _ in range(50))).output == b""


def test_another_exit_code_than_expected_is_an_error():
    failing = python("import sys; sys.exit('no such thing')")
    with pytest.raises(RuntimeError, match=r"ended with 1, not 0: no such thing"):
        measure(failing)
    assert measure(failing, expected=1).output == b""
