"""Numbers of threads and workers, unless the user's environment sets them."""

import os

import pytest

from seqlab.errors import SettingsError
from seqlab.machine import threads


def test_a_tensorflow_operation_gets_half_of_the_cores(monkeypatch):
    for cores, expected in ((1, "1"), (2, "1"), (8, "4")):
        monkeypatch.delenv(threads.TENSORFLOW_VARIABLE, raising=False)
        monkeypatch.setattr(threads, "usable_cores", lambda cores=cores: cores)
        threads.limit_tensorflow_threads()
        assert os.environ[threads.TENSORFLOW_VARIABLE] == expected


def test_a_variable_that_the_user_set_stays(monkeypatch):
    monkeypatch.setenv(threads.TENSORFLOW_VARIABLE, "7")
    threads.limit_tensorflow_threads()
    assert os.environ[threads.TENSORFLOW_VARIABLE] == "7"


def test_usable_cores_are_those_of_the_process():
    assert threads.usable_cores() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("said", "expected"), [("3", 3), ("0", 1), ("", 5), ("²", 5), ("-1", 5), ("9" * 5000, 5)]
)
def test_the_number_of_workers_is_omp_num_threads_if_it_is_a_number(monkeypatch, said, expected):
    monkeypatch.setattr(threads, "usable_cores", lambda: 5)
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.default_workers() == expected


def test_the_default_number_of_workers_is_limited(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "usable_cores", lambda: 64)
    assert threads.default_workers() == threads.MAX_DEFAULT_WORKERS


@pytest.mark.parametrize("count", [0, -1, threads.MAX_WORKERS + 1])
def test_a_number_of_workers_out_of_range(count):
    with pytest.raises(SettingsError) as caught:
        threads.check_workers(count)
    assert str(caught.value) == f"workers is {count}: expected a whole number from 1 to 256"


def test_a_number_of_workers_in_range():
    threads.check_workers(1)
    threads.check_workers(threads.MAX_WORKERS)


def test_numpy_gets_one_thread_unless_the_user_set_a_variable(monkeypatch):
    for name in threads.BLAS_VARIABLES:
        monkeypatch.setenv(name, "4")
    for name in threads.BLAS_VARIABLES[1:]:
        monkeypatch.delenv(name)
    threads.limit_blas_threads()
    assert [os.environ[name] for name in threads.BLAS_VARIABLES] == ["4", "1", "1"]
