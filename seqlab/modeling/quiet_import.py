"""Imports TensorFlow without its start-up messages, and says which parts need it as the backend of Keras."""

import os
import sys
from contextlib import suppress

from seqlab.errors import UserError
from seqlab.machine.terminal import print_note
from seqlab.machine.threads import limit_tensorflow_threads

TENSORFLOW = "tensorflow"
ON_EVERY_BACKEND = (
    "class_weights, temporal_weights, keras_loss and TrackClasses run on every backend, "
    "in your own network with Keras' fit"
)


def import_tensorflow() -> None:
    """Import TensorFlow, and select it as Keras' backend whatever the user's Keras settings are.

    A note on standard error says so if KERAS_BACKEND names another backend.
    Raises UserError if keras has been imported with another backend.

    Compiled code writes messages to standard error before its log level acts, so standard error goes to null during the
    import. A failing import still raises its exception.
    """
    require_tensorflow("training")
    chosen = os.environ.get("KERAS_BACKEND", TENSORFLOW)
    if chosen != TENSORFLOW:
        print_note(
            f"KERAS_BACKEND is {chosen!r}, but seqlab's own networks use TensorFlow; {ON_EVERY_BACKEND}"
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = TENSORFLOW
    limit_tensorflow_threads()
    if sys.stderr is None:  # closed: number 2 may belong to another file
        import tensorflow

        return
    sys.stderr.flush()
    stderr = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)


def import_keras() -> None:
    """Import Keras with the backend that KERAS_BACKEND names, else with TensorFlow. A missing library is no error here."""
    if "keras" in sys.modules:
        return
    with suppress(ModuleNotFoundError):
        if os.environ.get("KERAS_BACKEND", TENSORFLOW) == TENSORFLOW:
            import_tensorflow()
        import keras  # noqa: F401


def require_tensorflow(part: str) -> None:
    """Raise UserError if keras has been imported with another backend. part: what needs TensorFlow."""
    keras = sys.modules.get("keras")
    backend = TENSORFLOW if keras is None else keras.config.backend()
    if backend != TENSORFLOW:
        raise UserError(
            f"the backend of Keras is {backend!r}, but {part} needs KERAS_BACKEND=tensorflow; {ON_EVERY_BACKEND}"
        )
