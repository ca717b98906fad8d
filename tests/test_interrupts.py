"""Signals while a finished training is saved."""

import signal
import threading

import pytest

from seqlab.interrupts import interrupts_held


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_they_are_not_heard_within_and_heard_again_after(number):
    before = signal.getsignal(number)
    with interrupts_held():
        signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) is before


def test_the_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="full"), interrupts_held():
        raise ValueError("full")
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_nothing_changes():
    found = []

    def held():
        with interrupts_held():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=held)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]
