"""The only door from tagging to the packages that need Keras.

The package of an exported tagger carries none of them. Its code goes through here without a broken import.
"""

from importlib import import_module
from typing import Any

from seqlab.errors import UserError

BACKENDS = {
    "keras": "tensorflow",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "torch": "torch",
}
"""By the missing module, the backend that is installed together with Keras."""
ROOT = __name__.removesuffix(".tagging.keras_part")


def keras_part(module: str, needed_for: str) -> Any:
    """Import a module that needs Keras, by its path in this package, such as "modeling.network".

    needed_for: the subject of the error's sentence.
    Raises UserError where the module, or Keras, is not installed.
    """
    try:
        return import_module(f"{ROOT}.{module}")
    except ModuleNotFoundError as error:
        raise missing_keras(needed_for, error) from error


def missing_keras(needed_for: str, error: ModuleNotFoundError) -> UserError:
    """The error for what needs Keras, where a module is missing. It says what to install.

    Raises the given error if the missing module has nothing to do with Keras.
    """
    missing = (error.name or "").split(".")[0]
    if missing == ROOT.split(".")[0]:  # the package of an exported tagger
        return UserError(f"{needed_for} needs Keras: install seqlab")
    if missing not in BACKENDS:
        raise error
    return UserError(f"{needed_for} needs Keras: pip install keras {BACKENDS[missing]}")
