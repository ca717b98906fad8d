"""Signals during training and during saving."""

import signal
import threading

import pytest

from seqlab.machine.interrupts import (
    interrupts_ignored,
    signals_as_interrupts,
    signals_as_requests,
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_termination_signal_is_an_interrupt_within_the_block_only(number):
    before = signal.signal(number, signal.SIG_DFL)  # under nohup one of them is ignored
    try:
        with pytest.raises(KeyboardInterrupt), signals_as_interrupts():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with signals_as_interrupts():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_ignored_within_the_block_only(number):
    before = signal.getsignal(number)
    with interrupts_ignored():
        signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) is before


def test_the_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="full"), interrupts_ignored():
        raise ValueError("full")
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_nothing_changes():
    found = []

    def held():
        with interrupts_ignored():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=held)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_a_request_and_the_second_ends_the_process(number, capfd, monkeypatch):
    def leave(code):
        raise SystemExit(code)

    monkeypatch.setattr("seqlab.machine.interrupts.os._exit", leave)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with signals_as_requests() as stop:
            assert not stop.requested
            signal.raise_signal(number)
            assert stop.requested
            first = capfd.readouterr().err
            with pytest.raises(SystemExit, match="130"):
                signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert (
        first == "interrupted: stopping as soon as nothing is lost; a second signal ends at once\n"
    )
    assert capfd.readouterr().err == "error: interrupted\n"


def test_a_signal_that_is_ignored_is_no_request():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_as_requests() as stop:
            signal.raise_signal(signal.SIGHUP)
        assert not stop.requested
    finally:
        signal.signal(signal.SIGHUP, before)
