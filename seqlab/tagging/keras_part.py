"""The only door from tagging to the packages that need Keras.

The package of an exported tagger carries none of them. Its code goes through here without a broken import.
"""

from importlib import import_module
from typing import Any

from seqlab.errors import UserError

ROOT = __name__.removesuffix(".tagging.keras_part")


def keras_part(module: str, needed_for: str) -> Any:
    """Import a module that needs Keras, by its path in this package, such as "modeling.network".

    needed_for: the subject of the error's sentence.
    Raises UserError where the module, or Keras, is not installed.
    """
    try:
        return import_module(f"{ROOT}.{module}")
    except ModuleNotFoundError as error:
        raise UserError(f"{needed_for} needs Keras: install seqlab") from error
