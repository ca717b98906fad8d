"""Imports TensorFlow without its start-up messages."""

import os
import sys

from seqlab.machine.threads import limit_tensorflow_threads


def import_tensorflow() -> None:
    """Import TensorFlow, and select it as Keras' backend whatever the user's Keras settings are.

    Compiled code writes messages to standard error before its log level acts, so standard error goes to null during the
    import. A failing import still raises its exception.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
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
