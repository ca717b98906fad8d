"""A parser of command lines from the standard library, whose mistakes are one line.

The commands of an exported tagger use it; those of seqlab have cyclopts.
"""

from argparse import Action, ArgumentParser
from difflib import get_close_matches
from typing import Any, NoReturn

from seqlab.errors import UserError

UNKNOWN = "unrecognized arguments: "


class OneLineParser(ArgumentParser):
    """An `ArgumentParser` that raises UserError for a mistake, and takes no abbreviated options."""

    def __init__(self, *, program: str, description: str) -> None:
        self.options, self.arguments = ["help"], list[str]()
        super().__init__(prog=program, description=description, allow_abbrev=False)

    def add_argument(self, *names: Any, **values: Any) -> Action:
        """Add an argument, and remember its name."""
        self.options += [name.removeprefix("--") for name in names if name.startswith("--")]
        self.arguments += [name for name in names if not name.startswith("-")]
        return super().add_argument(*names, **values)

    def error(self, message: str) -> NoReturn:
        """Raise UserError; an unknown option gets its nearest match."""
        if message.startswith(UNKNOWN):
            raise UserError(self.unknown(message.removeprefix(UNKNOWN).split()[0]))
        raise UserError(message)

    def unknown(self, word: str) -> str:
        """The message for a word that belongs to nothing."""
        if not word.startswith("-"):
            taken = f"one {self.arguments[0]}" if self.arguments else "options, but no arguments"
            return f"unexpected {word!r}: {self.prog} takes {taken}"
        name = word.partition("=")[0].removeprefix("--")  # dashes make all options look alike
        close = get_close_matches(name, self.options, n=1, cutoff=0.6)
        return f"unknown option {word!r}" + (f"; nearest: '--{close[0]}'" if close else "")
