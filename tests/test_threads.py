"""Cores are shared out unless the user has said how."""

import os

import pytest

from seqlab import threads


def test_one_operation_gets_half_of_the_cores(monkeypatch):
    for cores, expected in ((1, "1"), (2, "1"), (8, "4")):
        monkeypatch.delenv(threads.INTRA_OP, raising=False)
        monkeypatch.setattr(threads, "usable_cores", lambda cores=cores: cores)
        threads.share_cores()
        assert os.environ[threads.INTRA_OP] == expected


def test_what_the_user_has_said_stays(monkeypatch):
    monkeypatch.setenv(threads.INTRA_OP, "7")
    threads.share_cores()
    assert os.environ[threads.INTRA_OP] == "7"


def test_the_cores_are_those_of_the_process():
    assert threads.usable_cores() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("said", "expected"), [("3", 3), ("0", 1), ("", 5), ("²", 5), ("-1", 5), ("9" * 5000, 5)]
)
def test_workers_are_as_many_as_the_user_says_if_that_is_a_number(monkeypatch, said, expected):
    monkeypatch.setattr(threads, "usable_cores", lambda: 5)
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.worker_threads() == expected
