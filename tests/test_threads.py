"""Cores are shared out unless the user has said how."""

import os

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
