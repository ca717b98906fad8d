"""A parser of command lines from the standard library, whose mistakes are one line.

The commands of an exported tagger use it; those of seqlab have cyclopts.
"""

from argparse import Action, ArgumentParser
from typing import Any, NoReturn

from seqlab.errors import UserError, nearest

UNKNOWN = "unrecognized arguments: "


class OneLineParser(ArgumentParser):
    """An `ArgumentParser` that raises UserError for a mistake, and takes no abbreviated options."""

    def __init__(self, *, program: str, description: str) -> None:
        self.known = ["--help"]
        super().__init__(prog=program, description=description, allow_abbrev=False)

    def add_argument(self, *names: Any, **values: Any) -> Action:
        """Add an argument, and remember its name."""
        self.known += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **values)

    def error(self, message: str) -> NoReturn:
        """Raise UserError; an unknown option gets its nearest match."""
        if message.startswith(UNKNOWN):
            word = message.removeprefix(UNKNOWN).split()[0]
            raise UserError(f"unknown option {word!r}{nearest(word.partition('=')[0], self.known)}")
        raise UserError(message)
