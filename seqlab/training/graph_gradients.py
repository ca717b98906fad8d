"""Memory of finished trainings: TensorFlow keeps every custom gradient of a compiled graph until the process ends.

`tf.custom_gradient` registers the gradient of each use in a graph under a new name. The gradient holds the graph: about
10 MB per training. TensorFlow looks the name up while it compiles the training step, and not after that.

This is the only file that uses TensorFlow's registry of gradients, which is private.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from inspect import getclosurevars, isfunction
from threading import Lock
from typing import Any

from tensorflow.python.framework.ops import gradient_registry

PREFIX = "CustomGradient-"
OF_TRAINING = ("seqlab.", "tensorflow.python.distribute.")
"""Modules whose custom gradients a training compiles: seqlab's layers, and the sum over replicas of Keras' optimizers."""


class RunningTrainings:
    """The trainings that run in this process. known: the registered names when the first of them began."""

    def __init__(self) -> None:
        self.lock, self.count = Lock(), 0
        self.known: frozenset[str] = frozenset()

    @contextmanager
    def forget_gradients(self) -> Iterator[None]:
        """After the block, forget the custom gradients that it has compiled. The last of several trainings does so."""
        with self.lock:
            if not self.count:
                self.known = frozenset(registered())
            self.count += 1
        try:
            yield
        finally:
            with self.lock:
                self.count -= 1
                if not self.count:
                    forget_all_but(self.known)


RUNNING = RunningTrainings()


def registered() -> MutableMapping[str, Any]:
    """TensorFlow's gradients by their names; empty if a version of TensorFlow has no such registry."""
    entries: MutableMapping[str, Any] = getattr(gradient_registry, "_registry", {})
    return entries


def forget_all_but(known: frozenset[str]) -> None:
    """Forget the custom gradients of trainings, except those of these names. Those of other programs stay."""
    entries = registered()
    for name in set(entries) - known:
        if name.startswith(PREFIX) and module_of(entries[name]["type"]).startswith(OF_TRAINING):
            del entries[name]


def module_of(gradient: Any) -> str:
    """The module of the function behind a registered gradient, which two functions of TensorFlow wrap; '' if unknown."""
    for name in ("tape_grad_fn", "grad_fn"):
        if not isfunction(gradient):
            return ""
        gradient = getclosurevars(gradient).nonlocals.get(name)
    return str(getattr(gradient, "__module__", ""))
