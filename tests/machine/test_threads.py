"""Cores are shared out unless the user has said how."""

import os

import pytest

from seqlab.errors import SettingsError
from seqlab.machine import threads


def test_one_operation_gets_half_of_the_cores(monkeypatch):
    for cores, expected in ((1, "1"), (2, "1"), (8, "4")):
        monkeypatch.delenv(threads.TENSORFLOW_VARIABLE, raising=False)
        monkeypatch.setattr(threads, "usable_cores", lambda cores=cores: cores)
        threads.limit_tensorflow_threads()
        assert os.environ[threads.TENSORFLOW_VARIABLE] == expected


def test_what_the_user_has_said_stays(monkeypatch):
    monkeypatch.setenv(threads.TENSORFLOW_VARIABLE, "7")
    threads.limit_tensorflow_threads()
    assert os.environ[threads.TENSORFLOW_VARIABLE] == "7"


def test_the_cores_are_those_of_the_process():
    assert threads.usable_cores() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("said", "expected"), [("3", 3), ("0", 1), ("", 5), ("²", 5), ("-1", 5), ("9" * 5000, 5)]
)
def test_workers_are_as_many_as_the_user_says_if_that_is_a_number(monkeypatch, said, expected):
    monkeypatch.setattr(threads, "usable_cores", lambda: 5)
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.default_workers() == expected


def test_no_more_workers_than_one_reader_feeds_unless_they_are_asked_for(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "usable_cores", lambda: 64)
    assert threads.default_workers() == threads.MAX_DEFAULT_WORKERS


@pytest.mark.parametrize("count", [0, -1, threads.MAX_WORKERS + 1])
def test_a_number_of_workers_that_cannot_be(count):
    with pytest.raises(SettingsError) as caught:
        threads.check_workers(count)
    assert str(caught.value) == f"workers is {count}: expected a whole number from 1 to 256"


def test_any_other_number_of_workers():
    threads.check_workers(1)
    threads.check_workers(threads.MAX_WORKERS)


def test_numpy_keeps_to_one_core_unless_the_user_has_said_otherwise(monkeypatch):
    for name in threads.BLAS_VARIABLES:
        monkeypatch.setenv(name, "4")
    for name in threads.BLAS_VARIABLES[1:]:
        monkeypatch.delenv(name)
    threads.limit_blas_threads()
    assert [os.environ[name] for name in threads.BLAS_VARIABLES] == ["4", "1", "1"]
