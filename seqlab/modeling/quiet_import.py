"""The import of TensorFlow, without what it prints."""

import os
import sys

from seqlab.machine.threads import limit_tensorflow_threads


def import_tensorflow() -> None:
    """Import TensorFlow without its start-up notes, which no log level silences.

    They are written to standard error by compiled code before its logging is set up. A failing
    import still says why, by its exception. Seqlab needs Keras on TensorFlow, whatever the user's
    Keras settings say.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    limit_tensorflow_threads()
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
