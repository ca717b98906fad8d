"""Change an option in the command that repeats a run."""

import shlex
from collections.abc import Sequence


def with_option(command: str, option: str, value: str) -> str:
    """The shell command with an option set to a value, in place of the value that it had.

    Of options with NAME=VALUE, such as --class-weight, only the one of the same name is replaced.

    >>> with_option("seqlab train --epochs 3 --class-weight 'A B=2'", "--class-weight", "A B=4")
    "seqlab train --epochs 3 --class-weight 'A B=4'"
    >>> with_option("seqlab train --epochs=3", "--epochs", "6")
    'seqlab train --epochs 6'
    """
    name = f"{value.partition('=')[0]}=" if "=" in value else ""
    words = without_option(shlex.split(command), option, name)
    return shlex.join([*words, option, value])


def without_option(words: Sequence[str], option: str, name: str) -> list[str]:
    """The words without an option and its value. name: what the value begins with."""
    kept: list[str] = []
    skip = False
    for position, word in enumerate(words):
        after = words[position + 1] if position + 1 < len(words) else ""
        if skip:
            skip = False
        elif word == option and after.startswith(name):
            skip = True
        elif not word.startswith(f"{option}={name}"):
            kept.append(word)
    return kept
